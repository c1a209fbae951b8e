// How long things take in the browser, medians: node benches/browser.mjs (needs a build; files as arguments, else the
// two of ../shared/data, else the samples).
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Assay } from "../tests/e2e/page.mjs";
import { dist, root, shared, start } from "../tests/e2e/support.mjs";
import { megabytes, watchMemory } from "./memory.mjs";

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const say = (what, values, budget, unit = "ms") =>
  console.log(
    `${what.padEnd(52)} ${median(values).toFixed(0).padStart(6)} ${unit}  (${values.length} runs, ${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}` +
      `${budget ? `; budget ${budget}${median(values) > budget ? ", OVER" : ""}` : ""})`,
  );

const files = process.argv.slice(2).filter(existsSync);
if (!files.length) files.push(...["data/KAG_conversion_data.csv", "data/marketing_campaign_data.csv"].map(shared).filter(Boolean));

const site = await start();

/** Drops a file and notes when. The bytes are in the page before, as they are when a person drops one. */
async function dropAndTime(assay, bytes, name) {
  await assay.page.evaluate(
    ({ text, name }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
      globalThis.transfer = transfer;
    },
    { text: bytes.toString("base64"), name },
  );
  return assay.page.evaluate(
    () =>
      new Promise((done) => {
        const begun = performance.now();
        let shown, wasExploring;
        const look = () => {
          const row = document.querySelector("[data-role=table-size]") && document.querySelector("main tr[data-column]");
          const cells = document.querySelector("main .virtual-table td, main [role=grid] [role=gridcell], main .vtable td, main table td");
          if (row && cells) shown ??= performance.now() - begun;
          // The page explores by itself as soon as the table is there.
          const isExploring = document.querySelector('.rail a[href="#/explore"][data-state="running"]');
          wasExploring ||= isExploring;
          if (shown && wasExploring && !isExploring) done([shown, performance.now() - begun - shown]);
          else requestAnimationFrame(look);
        };
        document.querySelector("main").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: globalThis.transfer }));
        look();
      }),
  );
}

/** From the press of the button until the report is shown, in the page's own clock. */
const wayAndTime = (assay) =>
  assay.page.evaluate(
    () =>
      new Promise((done) => {
        const begun = performance.now();
        const look = () => (document.querySelector('main[data-page="report"]') ? done(performance.now() - begun) : requestAnimationFrame(look));
        [...document.querySelectorAll("main button")].find((b) => b.textContent.includes("Run the suggested way")).click();
        look();
      }),
  );

// Cold: a fresh browser context, nothing kept.
const cold = [];
for (let i = 0; i < 9; i++) {
  const visit = await site.visit();
  cold.push(await visit.page.evaluate(
    () => new Promise((done) => {
      const look = () => (document.querySelector("[data-role=drop-area]") ? done(performance.now()) : requestAnimationFrame(look));
      look();
    }),
  ));
  // When the page was there before we looked, the mark of its first contentful paint is the truth.
  const paint = await visit.page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  if (paint) cold.push(Math.min(cold.pop(), paint));
  await visit.close();
}
say("cold load, from navigation to the drop area", cold, 400);

const inputs = files.length ? files.map((f) => [basename(f), readFileSync(f)]) : [];
for (const [name, bytes] of inputs) {
  const load = [];
  const explore = [];
  const way = [];
  const tasks = [];
  const peaks = [];
  const growths = [];
  for (let i = 0; i < 5; i++) {
    const assay = await Assay.open(site);
    await assay.dropArea.waitFor();
    await assay.page.waitForLoadState("networkidle");
    // Nobody drops a file on a page in its first second; until then it readies its workers.
    await assay.page.waitForTimeout(1_000);
    const memory = await watchMemory(site.browser);
    const [shown, explored] = await dropAndTime(assay, bytes, name);
    load.push(shown);
    explore.push(explored);
    await assay.loaded();
    await assay.page.evaluate(() => globalThis.longTasks.splice(0));
    way.push(await wayAndTime(assay));
    tasks.push(...(await assay.page.evaluate(() => globalThis.longTasks)));
    const most = await memory();
    if (most) {
      peaks.push(megabytes(most.peak));
      growths.push(megabytes(most.growth));
    }
    await assay.close();
  }
  say(`${name}: drop to table`, load, /KAG/.test(name) ? 150 : undefined);
  say(`${name}: from the table to its exploration`, explore, 300);
  say(`${name}: the suggested way`, way, 6000);
  if (tasks.length) say(`${name}: long tasks on the way (longest is what counts)`, tasks, 200);
  else console.log(`${name}: no task over 50 ms on the way`);
  if (peaks.length) {
    say(`${name}: peak memory of the tab`, peaks, undefined, "MB");
    say(`${name}: of it since the file was dropped`, growths, undefined, "MB");
    // Beside a small file the code of the workers is all one sees.
    const size = megabytes(bytes.length);
    if (size > 20) console.log(`${name}: that is ${(median(growths) / size).toFixed(2)} times the file (${size.toFixed(0)} MB)`);
  } else console.log(`${name}: this system does not say what a tab holds`);
}
if (!inputs.length) {
  for (const sample of ["Ads", "Customers"]) {
    const way = [];
    for (let i = 0; i < 5; i++) {
      const assay = await Assay.open(site);
      await assay.sample(sample);
      way.push(await wayAndTime(assay));
      await assay.close();
    }
    say(`sample ${sample}: the suggested way`, way, 6000);
  }
}
await site.stop();

const sizes = spawnSync("node", [join(root, "scripts/sizes.mjs"), dist], { encoding: "utf8" });
console.log(sizes.stdout.trim());
