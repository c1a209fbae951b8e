// What every end-to-end test needs: the release build on a server under a sub-path, Chromium, and a record of what went wrong.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../../scripts/serve.mjs";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const dist = process.env.ASSAY_DIST ?? join(root, "dist");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-color-profile=srgb",
];

/** A file of the folder `shared` beside the project, or null where it is not there. */
export function shared(path) {
  for (let folder = root; ; folder = dirname(folder)) {
    const candidate = join(folder, "shared", path);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return null;
  }
}

/** Reference values, or null (the test then says that it is skipped). */
export function reference(name) {
  const path = shared(`reference/${name}`);
  return path && JSON.parse(readFileSync(path, "utf8").replaceAll(/\bNaN\b/g, "null"));
}

/** A folder of this process alone, removed when it ends. */
export const scratch = mkdtempSync(join(tmpdir(), "assay-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

/** Writes a file to drop on the page. */
export function file(name, content) {
  const path = join(scratch, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** The release build, served from a sub-path as a static host would. */
export async function start() {
  if (!existsSync(join(dist, "index.html"))) throw new Error(`no build in ${dist}: run make build first`);
  const executablePath = execFileSync(join(root, "scripts/find-browser.sh"), { encoding: "utf8" }).split("\n")[0];
  const server = await serve(dist, { base: "/some/sub/path/" });
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  return {
    url: server.url,
    browser,
    /** A fresh visitor. `problems` collects console errors, page errors and requests to anywhere else. */
    async visit({ width = 1440, height = 900, dark = false, hash = "", clean = true, init = "" } = {}) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: dark ? "dark" : "light",
        reducedMotion: "reduce",
        acceptDownloads: true,
        serviceWorkers: clean ? "block" : "allow",
      });
      const page = await context.newPage();
      const problems = [];
      const requests = [];
      const origin = new URL(server.url).origin;
      page.on("console", (message) => {
        if (message.type() === "error") problems.push(`console: ${message.text()}`);
      });
      page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
      page.on("request", (request) => {
        requests.push(request.url());
        const url = new URL(request.url());
        if (url.origin !== origin && !["blob:", "data:"].includes(url.protocol)) problems.push(`request: ${url}`);
      });
      await page.addInitScript(() => {
        globalThis.longTasks = [];
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) globalThis.longTasks.push(Math.round(entry.duration));
        }).observe({ type: "longtask", buffered: true });
      });
      if (init) await page.addInitScript({ content: init });
      await page.goto(server.url + hash);
      return { page, context, problems, requests, close: () => context.close() };
    },
    async stop() {
      await browser.close();
      await server.close();
    },
  };
}
