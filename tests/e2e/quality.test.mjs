// What holds on every page: accessible, no sideways scroll, no request, works from a sub-path, in history and in two tabs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { Assay, STEPS } from "./page.mjs";
import { root, start } from "./support.mjs";

let site;
before(async () => (site = await start()));
after(() => site?.stop());

const axe = readFileSync(join(root, "node_modules/axe-core/axe.min.js"), "utf8");

/** Violations of the present page in a line each. */
async function violations(assay) {
  const { page } = assay;
  // Colours on their way from one state to another are no colours of the page.
  await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {}))));
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const found = await page.evaluate(() =>
    globalThis.axe.run(document, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  return found.violations.flatMap((v) =>
    v.nodes.slice(0, 4).map((n) => `${v.id} (${v.impact}): ${n.target.join(" ")} ${n.html.slice(0, 160)} ${n.any.concat(n.all, n.none).map((c) => c.message).join("; ").slice(0, 200)}`));
}

const sideways = (assay) =>
  assay.page.evaluate(() => {
    const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (over <= 0) return null;
    const scrolls = (e) => e && e !== document.body && e !== document.documentElement && (getComputedStyle(e).overflowX !== "visible" || scrolls(e.parentElement));
    const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e.parentElement));
    return `${over} px over; ${wide.slice(0, 3).map((e) => `${e.tagName}.${e.className}`).join(", ")}`;
  });

const TABS = ["Distributions", "Pairs", "Correlation", "KPIs", "Rates by segment"];

for (const [device, width, height, sample] of [["desktop", 1440, 900, "Ads"], ["phone", 390, 844, "Customers"]]) {
  for (const dark of [false, true]) {
    describe(`${sample} on a ${device}, ${dark ? "dark" : "light"}`, () => {
      let assay;
      before(async () => (assay = await Assay.open(site, { width, height, dark })));
      after(() => assay?.close());

      // Everything that is wrong on the way is told at the end of a test, not the first thing alone.
      const wrong = [];
      const check = async (what) => {
        const note = (kind, found) => found.forEach((line) => wrong.push(`${what}: ${kind}: ${line}`));
        note("axe", await violations(assay));
        note("sideways scroll", [await sideways(assay)].filter(Boolean));
        note("broken figure", await assay.broken());
        note("error", assay.problems.splice(0));
      };
      afterEach(() => assert.equal(wrong.splice(0).join("\n"), ""));

      it("is in order while empty", async () => {
        await assay.dropArea.waitFor();
        await check("poster");
        for (const slug of ["explore", "model", "runs", "report"]) {
          await assay.page.goto(`${site.url}#/${slug}`);
          await assay.at(slug);
          await check(`${slug}, empty`);
        }
      });

      it("is in order with a table", async () => {
        await assay.page.goto(`${site.url}#/data`);
        await assay.sample(sample);
        await check("data");
        for (const slug of ["clean", "features", "model", "segment", "decide"]) {
          await assay.go(slug);
          await assay.settled();
          await check(`${slug} before the way`);
        }
      });

      it("walks without keeping the page busy", async (t) => {
        await assay.go("data");
        await assay.page.evaluate(() => globalThis.longTasks.splice(0));
        await assay.walk();
        const tasks = await assay.page.evaluate(() => globalThis.longTasks);
        const longest = Math.max(0, ...tasks);
        t.diagnostic(`long tasks while the suggested way ran: ${tasks.length}, longest ${longest} ms${longest > 200 ? " (over 200 ms)" : ""}`);
        await assay.drawn();
        await assay.hush();
        await check("report");
      });

      for (const slug of ["data", "clean", "features", "explore", "model", "segment", "decide", "runs"]) {
        it(`is in order on ${STEPS[slug]}`, async () => {
          await assay.go(slug);
          await assay.settled();
          await check(slug);
          if (slug === "explore") {
            for (const tab of TABS) {
              await assay.tab(tab);
              await check(tab);
            }
            await assay.main.locator(".claim summary").first().click();
            await check("an open record");
          }
          if (slug === "clean") {
            const adjust = assay.main.getByRole("button", { name: /Adjust|Edit/ }).first();
            if (await adjust.count()) {
              await adjust.click();
              await assay.page.getByRole("dialog").waitFor();
              await check("a step's dialog");
              await assay.page.keyboard.press("Escape");
              await assay.page.getByRole("dialog").waitFor({ state: "hidden" });
            }
          }
          if (slug === "runs") {
            await assay.main.locator("tr[data-run] a").first().click();
            await assay.main.locator("[data-open-run]").waitFor();
            await check("an open run");
          }
        });
      }
    });
  }
}

describe("the network", () => {
  it("is asked for nothing after the page's own files, from load to report", async () => {
    const assay = await Assay.open(site);
    await assay.dropArea.waitFor();
    await assay.page.waitForLoadState("networkidle");
    const loaded = assay.requests.length;
    await assay.sample("Ads");
    await assay.walk();
    await assay.drawn();
    for (const slug of Object.keys(STEPS)) {
      await assay.go(slug);
      await assay.settled();
    }
    const later = assay.requests.slice(loaded).filter((url) => !/^(blob|data):/.test(url));
    assert.deepEqual(later, [], "no request after load");
    assert.equal(await assay.page.locator("[data-requests]").getAttribute("data-requests"), "0", "and the page says so");
    for (const url of assay.requests.filter((u) => u.startsWith("http"))) assert.ok(url.startsWith(site.url), `${url} lies under the sub-path`);
    assert.deepEqual(assay.problems, []);
    await assay.close();
  });

  it("is not needed once the page was there: it opens again offline", async () => {
    const assay = await Assay.open(site, { clean: false });
    await assay.dropArea.waitFor();
    // Ready when every file the page was loaded from is kept.
    await assay.page.waitForFunction(async () => {
      if (navigator.serviceWorker.controller?.state !== "activated") return false;
      const names = await caches.keys();
      const kept = (await Promise.all(names.map(async (n) => (await (await caches.open(n)).keys()).map((r) => r.url)))).flat();
      return ["app_bg.wasm", "worker_bg.wasm", "sheets_bg.wasm", "index.html|/$"].every((f) => kept.some((url) => new RegExp(f).test(url)));
    });
    await assay.context.setOffline(true);
    await assay.page.reload();
    await assay.dropArea.waitFor();
    await assay.sample("Ads");
    assert.match(await assay.size(), /×/);
    await assay.close();
  });
});

describe("moving about", () => {
  it("keeps the page on reload, and goes back and forth in the browser's history", async () => {
    const assay = await Assay.open(site);
    await assay.sample("Ads");
    await assay.go("explore");
    await assay.go("model");
    await assay.page.goBack();
    await assay.at("explore");
    await assay.page.goBack();
    await assay.at("data");
    await assay.page.goForward();
    await assay.at("explore");
    await assay.ready("explore");
    await assay.tab("Correlation");
    const address = assay.page.url();
    await assay.page.reload();
    await assay.at("explore");
    assert.equal(assay.page.url(), address);
    assert.deepEqual(await assay.broken(), []);
    assert.deepEqual(assay.problems, []);
    await assay.close();
  });

  it("bears addresses that lead nowhere", async () => {
    const assay = await Assay.open(site);
    for (const hash of ["#/nowhere", "#/explore?view=none&column=%E0%A4%A", "#", "#/model?", "#/runs?run=none"]) {
      await assay.page.goto(site.url + hash);
      await assay.main.waitFor();
      assert.ok((await assay.text()).length > 20, hash);
    }
    assert.deepEqual(assay.problems, []);
    await assay.close();
  });

  it("works in two tabs at once, which share the runs", async () => {
    const assay = await Assay.open(site);
    const page = await assay.context.newPage();
    await page.goto(site.url);
    const other = new Assay({ ...assay, page });
    await assay.sample("Ads");
    await other.sample("Customers");
    await Promise.all([assay.walk(), other.walk()]);
    await Promise.all([assay.ready("model"), other.ready("model")]);
    assert.equal((await assay.table("Scores of the models")).length, 7);
    assert.equal((await other.table("Scores of the models")).length, 6);
    await other.page.reload();
    await other.go("runs");
    await other.main.locator("tr[data-run]").nth(3).waitFor();
    assert.deepEqual(assay.problems, []);
    await assay.close();
  });

  it("remembers the theme chosen", async () => {
    const assay = await Assay.open(site);
    const theme = () => assay.page.evaluate(() => document.documentElement.dataset.theme);
    await assay.page.getByRole("button", { name: /^Theme: auto|^Theme: / }).click();
    const chosen = await theme();
    assert.match(chosen, /light|dark/);
    await assay.page.reload();
    await assay.main.waitFor();
    assert.equal(await theme(), chosen);
    await assay.close();
  });
});
