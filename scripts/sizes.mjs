// Prints what a first visit downloads, raw and compressed with brotli, and fails when a budget is exceeded.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const folder = process.argv[2] ?? "dist";
const files = readdirSync(folder, { recursive: true }).map(String).filter((f) => statSync(join(folder, f)).isFile());
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1).padStart(8)} KB`;
const size = (file) => {
  const bytes = readFileSync(join(folder, file));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return { file, raw: bytes.length, brotli: brotliCompressSync(bytes, { params }).length };
};

const isWorker = (f) => /worker/.test(f);
// Fetched when the page is there and nothing else is to do.
const isCharts = (f) => /vendor.echarts/.test(f);
// Fetched with the first workbook.
const isSheets = (f) => /^sheets/.test(f);
const first = files.filter((f) => /\.(html|css|js|wasm)$/.test(f) && !isWorker(f) && !isSheets(f) && !isCharts(f) && f !== "sw.js").map(size);
const charts = files.filter((f) => isCharts(f)).map(size);
const sheets = files.filter((f) => isSheets(f)).map(size);
const worker = files.filter((f) => /\.wasm$/.test(f) && isWorker(f)).map(size);
const total = (list) => list.reduce((sum, s) => sum + s.brotli, 0);

for (const s of [...first, ...charts, ...worker, ...sheets].sort((a, b) => b.brotli - a.brotli)) {
  console.log(`${kilobytes(s.raw)} raw ${kilobytes(s.brotli)} brotli  ${s.file}`);
}
const budgets = [["page, app wasm, CSS and JS", total(first), 700], ["worker wasm", total(worker), 900], ["charts, fetched when the page is idle", total(charts), 200], ["reader of workbooks", total(sheets), 260]];
let failed = false;
for (const [what, bytes, budget] of budgets) {
  const over = bytes > budget * 1000;
  failed ||= over;
  console.log(`${kilobytes(bytes)} brotli  ${what} (budget ${budget} KB)${over ? "  OVER" : ""}`);
}
process.exit(failed ? 1 : 0);
