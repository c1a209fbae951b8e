// How long a comparison of models takes in the browser with one worker and with two: node benches/models.mjs [RUNS]. Needs a build
// and `assay` for the larger tables (the project's own generator; kept in target/). From the press of the button until its results
// stand; what explains them follows. The page takes as many workers as the browser says it has processors. One and two are timed by
// turns, and beside them what the processors themselves gain from two threads: on a shared machine less than half.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Worker } from "node:worker_threads";
import { Assay } from "../tests/e2e/page.mjs";
import { root, shared, start } from "../tests/e2e/support.mjs";

const runs = Number(process.argv[2] ?? 5);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const FIVE = ["Linear regression", "Decision tree", "Random forest", "Gradient boosting", "AdaBoost"];

/** A table of the project's generator. */
function sample(key, rows) {
  const path = join(root, "target", `${key}-${rows}.csv`);
  if (!existsSync(path)) {
    mkdirSync(join(root, "target"), { recursive: true });
    const made = spawnSync("cargo", ["run", "--release", "--quiet", "--bin", "assay", "--", "sample", key, "--rows", String(rows)], { cwd: root, maxBuffer: 1e9, stdio: ["ignore", "pipe", "inherit"] });
    if (made.status !== 0) process.exit(1);
    writeFileSync(path, made.stdout);
  }
  return path;
}

/** Presses the button and waits, in the page's own clock, until it can be pressed again. */
const train = (assay) =>
  assay.page.evaluate(
    () =>
      new Promise((done) => {
        const button = () => [...document.querySelectorAll("main .go button")].find((b) => /^Train/.test(b.textContent));
        const begun = performance.now();
        let wasBusy = false;
        const look = () => {
          const isBusy = button().ariaBusy === "true";
          wasBusy ||= isBusy;
          if (wasBusy && !isBusy) done(performance.now() - begun);
          else requestAnimationFrame(look);
        };
        button().click();
        look();
      }),
  );

/** A page with so many workers, the models chosen. */
async function prepare(site, path, families, n) {
  const assay = await Assay.open(site, { init: `Object.defineProperty(navigator, "hardwareConcurrency", { get: () => ${n} });` });
  await assay.open(path);
  await assay.ready("explore");
  await assay.go("model");
  const models = assay.main.getByRole("group", { name: "Models" });
  await models.waitFor();
  for (const box of await models.getByRole("checkbox").all()) {
    // The baselines are always there.
    if (await box.isDisabled()) continue;
    const name = await box.evaluate((b) => b.labels?.[0]?.textContent.trim() ?? b.getAttribute("aria-label"));
    const isWanted = families.some((f) => name.startsWith(f));
    if ((await box.isChecked()) !== isWanted) await box.setChecked(isWanted);
  }
  return assay;
}

/** Milliseconds that so many threads need for the same work each. */
async function threads(n) {
  const work = `const { parentPort } = require("node:worker_threads");
    parentPort.on("message", () => { let x = 1; for (let i = 0; i < 4e7; i++) x = (x * 1103515245 + 12345) % 2147483648; parentPort.postMessage(x); });`;
  const all = Array.from({ length: n }, () => new Worker(work, { eval: true }));
  const round = () => Promise.all(all.map((worker) => new Promise((done) => (worker.once("message", done), worker.postMessage(0)))));
  await round();
  const begun = performance.now();
  await round();
  const time = performance.now() - begun;
  await Promise.all(all.map((worker) => worker.terminate()));
  return time;
}

const site = await start();
const ads = shared("data/KAG_conversion_data.csv") ?? sample("ads", 1_143);
const asked = [
  [() => ads, FIVE, "five families, 5 folds"],
  [() => sample("customers", 3_000), ["Random forest"], "random forest, 5 folds"],
  [() => sample("customers", 20_000), ["Gradient boosting"], "gradient boosting, 5 folds"],
];
for (const [table, families, what] of asked) {
  const path = table();
  const pages = [await prepare(site, path, families, 1), await prepare(site, path, families, 2)];
  const [times, shares, best] = [[[], []], [], []];
  for (let run = 0; run <= runs; run++) {
    const pair = [];
    for (const page of pages) {
      pair.push(await train(page));
      await page.settled();
    }
    best.push(0.5 * (await threads(2)) / (await threads(1)));
    // The first finds the workers asleep.
    if (!run) continue;
    pair.forEach((time, i) => times[i].push(time));
    shares.push(pair[1] / pair[0]);
  }
  for (const [i, of] of times.entries()) {
    console.log(`${`${basename(path)}: ${what}, ${i + 1} worker${i ? "s" : ""}`.padEnd(72)} ${median(of).toFixed(0).padStart(6)} ms  (${runs} runs, ${Math.min(...of).toFixed(0)} to ${Math.max(...of).toFixed(0)})`);
  }
  const range = `${Math.min(...shares).toFixed(2)} to ${Math.max(...shares).toFixed(2)}`;
  console.log(`    two workers take ${median(shares).toFixed(2)} of the time of one (${range}; asked 1/(0.8 × 2) = 0.63; the processors allow ${median(best).toFixed(2)})`);
  for (const page of pages) await page.close();
}
await site.stop();
