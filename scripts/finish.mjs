// Finishes a build in Trunk's staging folder: one stylesheet, and every address marked with the version of the build, so
// that a browser never mixes the files of two builds. Runs as Trunk's post_build hook.
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";

const folder = process.env.TRUNK_STAGING_DIR ?? process.argv[2] ?? "dist";
const read = (name) => readFileSync(join(folder, name), "utf8");
const write = (name, text) => writeFileSync(join(folder, name), text);

let page = read("index.html");

// What Trunk leaves of its own links when it injects no script, and comments meant for readers of the source.
page = page.replace(/^\s*<link data-trunk[^>]*>\s*$\n?/gm, "").replace(/<!--[\s\S]*?-->\s*/g, "");

// One stylesheet, in the order of the links.
const link = /^\s*<link rel="stylesheet" href="\.\/([^"]+)"[^>]*>\s*$\n?/gm;
const sheets = [...page.matchAll(link)].map((match) => match[1]);
if (sheets.length > 0) {
  const style = sheets.map(read).join("\n");
  sheets.forEach((name) => rmSync(join(folder, name)));
  write("style.css", transformSync(style, { loader: "css", minify: true }).code);
  let isFirst = true;
  page = page.replace(link, () => {
    const first = isFirst;
    isFirst = false;
    return first ? '    <link rel="stylesheet" href="./style.css" />\n' : "";
  });
}

// The page's glue comes readable from wasm-bindgen. (The worker's is a classic script and stays as it is.)
write("app.js", transformSync(read("app.js"), { minify: true, target: "es2022" }).code);

const own = ["app.js", "app_bg.wasm", "worker.js", "worker_bg.wasm", "sheets.js", "sheets_bg.wasm", "start.js", "style.css"];
const hash = createHash("sha256");
own.forEach((name) => hash.update(readFileSync(join(folder, name))));
const version = hash.digest("hex").slice(0, 12);

for (const name of own) page = page.replaceAll(`"./${name}"`, `"./${name}?v=${version}"`);
write("index.html", page);
write("start.js", read("start.js").replace('const VERSION = "";', `const VERSION = "?v=${version}";`));
