// One engine: the page and the command line write the same figures, a recipe gives them again, a report stands alone.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, describe, it } from "node:test";
import { Assay, broken } from "./page.mjs";
import { file, root, scratch, shared, start } from "./support.mjs";

let site;
let assay;
const binary = findBinary();
before(async () => (site = await start()));
after(() => site?.stop());

/** The newest command line there is, built when there is none. */
function findBinary() {
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  const candidates = () =>
    ["release", "debug"].map((p) => join(target, p, "assay")).filter(existsSync).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (!candidates().length) execFileSync("cargo", ["build", "--bin", "assay"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  return candidates()[0];
}

/** Where two texts part, with a little of what stands around. */
function parting(a, b) {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return `at character ${i}:\n  page:         …${a.slice(Math.max(0, i - 160), i + 80)}…\n  command line: …${b.slice(Math.max(0, i - 160), i + 80)}…`;
}

const TABLES = [
  ["ads", "data/KAG_conversion_data.csv"],
  ["customers", "data/marketing_campaign_data.csv"],
];

for (const [kind, path] of TABLES) {
  describe(kind, () => {
    // The sample is written to a file and dropped like any other, so that both sides read the same bytes.
    const csv = shared(path) ?? file(`${kind}.csv`, execFileSync(binary, ["sample", kind], { maxBuffer: 1e8 }));
    const out = join(scratch, `out-${kind}`);
    let saved;
    let recipe;

    before(async () => {
      execFileSync(binary, ["run", csv, "--out", out], { stdio: ["ignore", "ignore", "ignore"] });
      assay = await Assay.open(site);
      await assay.open(csv);
      await assay.walk();
      await assay.drawn();
    });
    after(() => assay?.close());

    it("has the same results on the page and on the command line, byte for byte", async (t) => {
      if (!shared(path)) t.diagnostic("the real file is not here: the built-in sample stands in");
      saved = (await assay.save(/^Save Results/)).bytes.toString();
      const written = readFileSync(join(out, "results.json"), "utf8");
      assert.ok(saved.length > 10_000, "there are results");
      assert.ok(saved === written, parting(saved, written));
    });

    it("has the same recipe on the page and on the command line", async () => {
      recipe = (await assay.save(/^Save Recipe/)).bytes.toString();
      const written = readFileSync(join(out, "recipe.json"), "utf8");
      assert.ok(recipe === written, parting(recipe, written));
    });

    it("gives the same results again from the recipe", async () => {
      const fresh = await Assay.open(site);
      await fresh.open(csv);
      await fresh.loadRecipe(recipe);
      await fresh.notice(/The recipe is in use/);
      for (const slug of ["explore", "model", "segment", "decide"]) {
        await fresh.ready(slug);
        assert.equal(await fresh.state(slug), "done", slug);
      }
      await fresh.go("report");
      await fresh.drawn();
      const again = (await fresh.save(/^Save Results/)).bytes.toString();
      assert.ok(again === saved, parting(again, saved));
      assert.deepEqual(fresh.problems, []);
      await fresh.close();
    });

    it("gives the same results from the recipe on the command line", () => {
      const path = file(`recipe-${kind}.json`, recipe);
      const again = join(scratch, `again-${kind}`);
      execFileSync(binary, ["run", csv, "--out", again, "--recipe", path, "--threads", "1"], { stdio: ["ignore", "ignore", "ignore"] });
      const written = readFileSync(join(again, "results.json"), "utf8");
      assert.ok(written === saved, parting(saved, written));
    });

    it("saves a report that opens from disk, without script or request", async () => {
      const report = await assay.save(/^Download report/);
      assert.match(report.name, /\.html$/);
      const text = report.bytes.toString();
      assert.equal(text.match(/<script/i), null, "no script");
      assert.equal(text.match(/\b(src|href)\s*=\s*["']?https?:.{0,40}/i), null, "loads nothing");
      assert.equal(text.match(/<[^>]*\son(load|click|error)\s*=/i), null, "no handlers");
      const context = await site.browser.newContext();
      const page = await context.newPage();
      const problems = [];
      const requests = [];
      page.on("console", (m) => m.type() === "error" && problems.push(m.text()));
      page.on("pageerror", (e) => problems.push(e.message));
      page.on("request", (r) => requests.push(r.url()));
      const address = pathToFileURL(file(`report-${kind}.html`, report.bytes)).href;
      await page.goto(address);
      const charts = await page.locator("svg").count();
      assert.ok(charts >= 6, `${charts} charts as SVG`);
      assert.ok(await page.locator("table").count(), "tables");
      const body = await page.locator("body").innerText();
      assert.deepEqual(broken(body), []);
      assert.deepEqual(requests.filter((url) => url !== address && !url.startsWith("data:")), [], "asks for nothing");
      assert.deepEqual(problems, []);
      await page.setViewportSize({ width: 390, height: 844 });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `no sideways scroll on a phone (${over} px over)`);
      await context.close();
    });

    it("saves Markdown with the same findings", async () => {
      const text = (await assay.save(/^Save Markdown/)).bytes.toString();
      assert.match(text, /^# /m);
      const plain = (t) => t.replaceAll("\\", "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
      const words = plain(text);
      for (const claim of JSON.parse(saved).claims) assert.ok(words.includes(claim.sentence), claim.sentence);
      assert.deepEqual(assay.problems, []);
    });
  });
}

describe("every family, ladder and learning curve", () => {
  it("give the same results in the page and on the command line", async () => {
    const csv = file("few-ads.csv", execFileSync(binary, ["sample", "ads", "--rows", "300"], { maxBuffer: 1e8 }));
    const quiet = { stdio: ["ignore", "ignore", "ignore"] };
    const first = join(scratch, "first-families");
    execFileSync(binary, ["run", csv, "--out", first], quiet);
    const recipe = JSON.parse(readFileSync(join(first, "recipe.json"), "utf8"));
    const families = [
      "baseline", "linear_regression", "ridge", "lasso", "elastic_net", "poisson_regression", "negative_binomial", "decision_tree",
      "k_neighbors", "support_vector", "random_forest", "extra_trees", "gradient_boosting", "ada_boost",
    ];
    recipe.model.families = families.map((family) => ({ family, settings: {} }));
    recipe.ladder = {};
    recipe.learning_curve = { family: "ridge" };
    const path = file("families.json", JSON.stringify(recipe));
    const out = join(scratch, "out-families");
    execFileSync(binary, ["run", csv, "--out", out, "--recipe", path], quiet);
    const written = readFileSync(join(out, "results.json"), "utf8");
    const results = JSON.parse(written);
    assert.equal(results.models.families.length, families.length);
    assert.ok(results.ladder && results.learning_curve, "both were asked");

    const assay = await Assay.open(site);
    await assay.open(csv);
    await assay.loadRecipe(readFileSync(path, "utf8"), "families.json");
    await assay.notice(/The recipe is in use/);
    for (const slug of ["explore", "model", "segment", "decide"]) await assay.ready(slug);
    await assay.go("report");
    await assay.drawn();
    const saved = (await assay.save(/^Save Results/)).bytes.toString();
    assert.ok(saved === written, parting(saved, written));
    assert.deepEqual(assay.problems, []);
    await assay.close();
  });
});
