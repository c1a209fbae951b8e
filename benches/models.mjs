// How long a comparison of models takes in the browser with one worker and with two: node benches/models.mjs [RUNS]. Needs a build
// and `assay` for the larger table (the project's own generator; kept in target/). Medians, from the press of the button until its
// results stand; what explains them follows. The page takes as many workers as the browser says it has processors.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
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

async function measure(site, path, families, n) {
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
  const times = [];
  for (let run = 0; run <= runs; run++) {
    const time = await train(assay);
    // The first finds the workers asleep.
    if (run) times.push(time);
    await assay.settled();
  }
  await assay.close();
  return times;
}

const site = await start();
const ads = shared("data/KAG_conversion_data.csv") ?? sample("ads", 1_143);
const asked = [
  [() => ads, FIVE, "five families, 5 folds"],
  [() => sample("customers", 3_000), ["Random forest"], "random forest, 5 folds"],
  [() => sample("customers", 3_000), ["Gradient boosting"], "gradient boosting, 5 folds"],
];
for (const [table, families, what] of asked) {
  const path = table();
  const of = {};
  for (const n of [1, 2]) {
    of[n] = await measure(site, path, families, n);
    console.log(`${`${basename(path)}: ${what}, ${n} worker${n > 1 ? "s" : ""}`.padEnd(72)} ${median(of[n]).toFixed(0).padStart(6)} ms  (${runs} runs, ${Math.min(...of[n]).toFixed(0)} to ${Math.max(...of[n]).toFixed(0)})`);
  }
  const share = median(of[2]) / median(of[1]);
  console.log(`${"".padEnd(4)}two workers take ${share.toFixed(2)} of the time of one (at most 1/(0.8 × 2) = 0.63 asked)`);
}
await site.stop();
