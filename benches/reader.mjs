// How fast a large file opens in the browser, and how much memory the tab takes: node benches/reader.mjs [ROWS] [RUNS].
// Needs a build, and `assay` for the file (made once by the project's own generator, kept in target/). Medians.
// With PEERS=path/to/python (pandas, polars there) they read the file before each run, on one thread: on a machine whose speed
// changes, the ratio to them tells more than a time does.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root, start } from "../tests/e2e/support.mjs";

const rows = Number(process.argv[2] ?? 1_000_000);
const runs = Number(process.argv[3] ?? 5);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const say = (what, values, unit, digits = 0) =>
  console.log(`${what.padEnd(44)} ${median(values).toFixed(digits).padStart(7)} ${unit}  (${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`);

const path = process.env.ASSAY_BENCH_FILE ?? join(root, "target", `daily-ads-${rows}.csv`);
if (!existsSync(path)) {
  mkdirSync(join(root, "target"), { recursive: true });
  const out = openSync(path, "w");
  const made = spawnSync("cargo", ["run", "--release", "--quiet", "--bin", "assay", "--", "sample", "daily", "--rows", String(rows)], { cwd: root, stdio: ["ignore", out, "inherit"] });
  closeSync(out);
  if (made.status !== 0) process.exit(1);
}
const megabytes = statSync(path).size / 1e6;

/** Memory of the tab: what its renderer holds that is no shared code. Beside it a browser keeps smaller ones for tabs to come. */
function memory(pids) {
  let most = 0;
  for (const pid of pids) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      most = Math.max(most, Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) + Number(/RssShmem:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // It ended.
    }
  }
  return most / 1e3;
}
const renderers = () =>
  readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--type=renderer");
    } catch {
      return false;
    }
  });

/** Time the threads of the tab ran and waited for a processor, in milliseconds, the busiest first. */
function threads(pids) {
  const times = new Map();
  for (const pid of pids) {
    try {
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        const [ran, waited] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
        const name = readFileSync(`/proc/${pid}/task/${thread}/comm`, "utf8").trim();
        times.set(thread, [ran / 1e6, waited / 1e6, name]);
      }
    } catch {
      // It ended.
    }
  }
  return times;
}

const peers = process.env.PEERS && spawn(process.env.PEERS, [join(root, "benches/reader_peers.py"), path, "Day"], { stdio: ["pipe", "pipe", "inherit"] });
const answers = peers && createInterface({ input: peers.stdout })[Symbol.asyncIterator]();
/** How long pandas and Polars take now, in milliseconds. */
async function askPeers() {
  peers.stdin.write("\n");
  return (await answers.next()).value.split(" ").map((seconds) => 1e3 * Number(seconds));
}
if (peers) await askPeers();

const site = await start();
const found = { pandas: [], polars: [], times: [], first: [], typed: [], opened: [], shown: [], peak: [], growth: [], ran: [], waited: [] };
// Watching the memory takes a good part of a processor: the last runs are for it, and their times are not counted.
const N_WATCHED = 5;
for (let run = 0; run < runs + N_WATCHED; run++) {
  const isWatched = run >= runs;
  const [pandas, polars] = peers && !isWatched ? await askPeers() : [];
  const before = new Set(renderers());
  const visit = await site.visit({
    // Notes when what reply comes: the envelope is postcard, job and kind in its first bytes, then the numbers of `Progress`.
    init: `
      globalThis.replies = [];
      const Own = globalThis.Worker;
      globalThis.Worker = class extends Own {
        constructor(...all) {
          super(...all);
          this.addEventListener("message", (event) => {
            const bytes = event.data?.[0];
            if (!(bytes instanceof Uint8Array)) return;
            let at = 0;
            const number = () => { let n = 0, scale = 1; for (;;) { const b = bytes[at++]; n += (b & 127) * scale; if (b < 128) return n; scale *= 128; } };
            number();
            const kind = number();
            globalThis.replies.push([performance.now(), kind, ...(kind === 1 ? [number(), number()] : [])]);
          });
        }
      };`,
  });
  const page = visit.page;
  await page.locator("[data-role=drop-area]").waitFor();
  await page.waitForLoadState("networkidle");
  await page.waitForTimeout(Number(process.env.ASSAY_BENCH_IDLE ?? 1_000));
  await page.evaluate(() => {
    const input = document.createElement("input");
    input.type = "file";
    input.id = "bench";
    input.hidden = true;
    document.body.append(input);
  });
  await page.locator("#bench").setInputFiles(path);
  const own = renderers().filter((pid) => !before.has(pid));
  const idle = memory(own);
  let peak = idle;
  const samples = [];
  const watch = isWatched && setInterval(() => {
    peak = Math.max(peak, memory(own));
    samples.push([Date.now(), threads(own)]);
  }, 10);
  const origin = await page.evaluate(() => performance.timeOrigin);
  const begun = await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(document.querySelector("#bench").files[0]);
    globalThis.replies.length = 0;
    const begun = performance.now();
    const look = () => {
      if (document.querySelector("[data-role=first-rows] td")) globalThis.firstRows ??= performance.now() - begun;
      if (document.querySelector("[data-role=table-size]")) globalThis.shown ??= performance.now() - begun;
      else requestAnimationFrame(look);
    };
    document.querySelector("main").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer }));
    look();
    return begun;
  });
  await page.waitForFunction(() => globalThis.shown && globalThis.replies.some((r) => r[1] === 2), null, { timeout: 300_000, polling: 50 });
  if (watch) clearInterval(watch);
  const [replies, first, shown] = await page.evaluate(() => [globalThis.replies, globalThis.firstRows, globalThis.shown]);
  // The last progress says that every column has its type.
  const typed = replies.find((r) => r[1] === 1 && r[2] === r[3] && r[3] > 0);
  const problems = visit.problems ?? [];
  if (problems.length) console.log(problems.join("\n"));
  if (!isWatched) {
    found.first.push(first ?? NaN);
    found.typed.push(typed ? typed[0] - begun : NaN);
    found.opened.push(replies.find((r) => r[1] === 2)[0] - begun);
    found.shown.push(shown);
    if (peers) {
      found.pandas.push(pandas);
      found.polars.push(polars);
      found.times.push((typed[0] - begun) / pandas);
    }
    await visit.close();
    continue;
  }
  found.peak.push(peak);
  found.growth.push(peak - idle);
  // What the busiest thread did until the columns were there: on an idle machine little more than that passes.
  const at = (time) => samples.findLast(([when]) => when <= origin + time)?.[1] ?? samples[0]?.[1] ?? new Map();
  const [from, to] = [at(begun), at(typed?.[0] ?? begun)];
  const spent = [...to].map(([thread, [ran, waited, name]]) => [ran - (from.get(thread)?.[0] ?? 0), waited - (from.get(thread)?.[1] ?? 0), name]);
  const busiest = spent.toSorted((a, b) => b[0] - a[0])[0] ?? [NaN, NaN];
  if (process.env.ASSAY_BENCH_THREADS) console.log(spent.toSorted((a, b) => b[0] - a[0]).slice(0, 6).map(([ran, waited, name]) => `${name} ${Math.round(ran)}+${Math.round(waited)}`).join("  "));
  found.ran.push(busiest[0]);
  found.waited.push(busiest[1]);
  if (process.env.ASSAY_BENCH_STAY) await page.waitForTimeout(Number(process.env.ASSAY_BENCH_STAY));
  await visit.close();
}
await site.stop();
peers?.kill();
console.log(`${rows.toLocaleString("en")} rows, ${megabytes.toFixed(0)} MB, ${runs} runs`);
say("drop to the first rows on the page", found.first, "ms");
say("drop to typed columns in wasm", found.typed, "ms");
if (peers) {
  say("  as a multiple of pandas just before", found.times, "x ", 2);
  say("pandas, natively, one thread", found.pandas, "ms");
  say("Polars, natively, one thread", found.polars, "ms");
}
say("drop to the summary of the table", found.opened, "ms");
say("drop to the table on the page", found.shown, "ms");
say("busiest thread, while watched: ran", found.ran, "ms");
say("  and waited for a processor", found.waited, "ms");
say("peak memory of the tab", found.peak, "MB");
say("  of it while reading (peak less before)", found.growth, "MB");
say("  as a multiple of the file", found.peak.map((m) => m / megabytes), "x ", 2);
