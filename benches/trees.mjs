// How long the tree families take in the browser and in Node, on Friedman-1, one thread: node benches/trees.mjs [rows [kinds [runs]]].
// With PEERS=path/to/python (scikit-learn, xgboost, lightgbm, numpy there) the peers run on the same data, natively, on one thread.
// Times are least of the runs; on a machine that is shared, compare CPU seconds.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "benches/trees");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target/trees");
const [rows = "100000", kinds = "boost-d3,boost-31,ada,forest", runs = "3"] = process.argv.slice(2);
const KINDS = ["boost-d3", "boost-31", "forest", "extra", "ada", "forest-third", "tree"];
const env = { ...process.env, CARGO_TARGET_DIR: target };

const cargo = (args, more = {}) => execFileSync("cargo", ["build", "--release", ...args], { cwd: folder, env: { ...env, ...more }, stdio: "inherit" });
cargo(["--bin", "trees-bench"]);
cargo(["--lib", "--target", "wasm32-unknown-unknown"], { RUSTFLAGS: "-C target-feature=+simd128" });
const built = join(target, "wasm32-unknown-unknown/release/trees_bench.wasm");
const optimised = join(target, "trees_bench.wasm");
execFileSync(join(root, "node_modules/.bin/wasm-opt"), ["-O3", "--all-features", built, "-o", optimised]);

const report = (where, kind, { seconds, r2, bits }) =>
  console.log(`${kind.padEnd(14)} ${rows} rows  ${where.padEnd(10)} ${seconds.toFixed(3)} s  R² ${r2.toFixed(4)}  bits ${(bits >>> 0).toString(16).padStart(8, "0")}`);

/** The least of the runs. Runs in Node and, as text, in the page. */
async function time(bytes, rows, kind, runs) {
  const { exports } = (await WebAssembly.instantiate(bytes, {})).instance;
  exports.prepare(rows);
  let seconds = Infinity;
  let r2;
  for (let i = 0; i < runs; i++) {
    const from = performance.now();
    r2 = exports.fit(kind);
    seconds = Math.min(seconds, (performance.now() - from) / 1e3);
  }
  return { seconds, r2, bits: exports.fingerprint() };
}

const server = createServer((request, answer) => {
  if (request.url === "/trees.wasm") answer.setHeader("content-type", "application/wasm").end(readFileSync(optimised));
  else answer.setHeader("content-type", "text/html").end("<!doctype html><title>trees</title>");
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const address = `http://127.0.0.1:${server.address().port}/`;
const browser = await chromium.launch({ executablePath: process.env.CHROME_PATH ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const kind of kinds.split(",")) {
  const number = KINDS.indexOf(kind);
  const native = spawnSync(join(target, "release/trees-bench"), [rows, kind, runs], { encoding: "utf8" });
  console.log(native.stdout.trim());
  report("Node", kind, await time(readFileSync(optimised), Number(rows), number, Number(runs)));
  const page = await browser.newPage();
  await page.goto(address);
  const found = await page.evaluate(
    async ([source, rows, kind, runs]) => {
      const bytes = await (await fetch("trees.wasm")).arrayBuffer();
      return new Function(`return (${source})`)()(bytes, rows, kind, runs);
    },
    [time.toString(), Number(rows), number, Number(runs)],
  );
  report("Chromium", kind, found);
  await page.close();
}
await browser.close();
server.close();

if (process.env.PEERS) {
  const data = join(target, `friedman-${rows}.bin`);
  execFileSync(join(target, "release/trees-bench"), [rows, "data", data]);
  spawnSync(process.env.PEERS, [join(folder, "peers.py"), data, rows, kinds], { stdio: "inherit" });
}
