// The main job: from a dropped file to a report, on both kinds of table, with the numbers held against reference values.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Assay, figure } from "./page.mjs";
import { file, reference, shared, start } from "./support.mjs";

let site;
before(async () => (site = await start()));
after(() => site?.stop());

/** Whether a figure on the page is the value, as far as its digits go. */
function same(shown, value, what) {
  const read = figure(shown);
  const decimals = shown.replaceAll(",", "").match(/\.(\d+)/)?.[1].length ?? 0;
  assert.ok(Math.abs(read - value) <= 0.5000001 * 10 ** -decimals, `${what}: the page says ${shown}, it is ${value}`);
}

/** A row of a table by its first cell, as an object by the header. */
function row(table, first) {
  const [header, ...rows] = table;
  const found = rows.find((r) => r[0] === first);
  assert.ok(found, `there is a row ${first} among ${rows.map((r) => r[0]).join(", ")}`);
  return Object.fromEntries(header.map((name, i) => [name, found[i]]));
}

const nothingBroke = async (assay) => {
  assert.deepEqual(await assay.broken(), [], "no figure broke");
  assert.deepEqual(assay.problems, [], "no error, no request to elsewhere");
};

const FAMILIES = ["Baseline (mean)", "Linear regression", "Decision tree", "Random forest", "Gradient boosting", "AdaBoost.R2"];

const YES_NO = ["Baseline (share of yes)", "Logistic regression", "Decision tree", "Random forest", "Gradient boosting"];

describe("ads", () => {
  const path = shared("data/KAG_conversion_data.csv");
  const known = path && reference("ads.json");
  let assay;
  before(async () => (assay = await Assay.open(site)));
  after(() => assay?.close());

  it("opens the file and says what it is", async (t) => {
    if (path) {
      await assay.open(path);
      await assay.reads("Comma-separated, UTF-8, 1,143 rows and 11 columns; nothing was left out.");
      assert.equal(await assay.size(), "1,143 × 11");
      assert.equal(await assay.fileName(), "KAG_conversion_data.csv");
      const roles = {
        ad_id: "identifier", xyz_campaign_id: "campaign", age: "category", gender: "category", interest: "category",
        Impressions: "impressions", Clicks: "clicks", Spent: "spend", Total_Conversion: "enquiries", Approved_Conversion: "purchases",
      };
      for (const [column, role] of Object.entries(roles)) assert.equal(await assay.roleOf(column), role, column);
    } else {
      t.diagnostic("the real file is not here: the built-in sample stands in, and no figure is compared");
      await assay.sample("Ads");
    }
    assert.equal(await assay.main.getByLabel("What is one row?").inputValue(), "ads");
    await nothingBroke(assay);
  });

  it("walks the suggested way to a report", async () => {
    await assay.walk();
    await assay.drawn();
    const paper = await assay.paper();
    assert.match(paper, /How the file was read|Receipt|Data/);
    if (known) assert.match(paper, /30\.88/, "the report holds the cost of a purchase at 30-34");
    await nothingBroke(assay);
  });

  it("finds that the cost of a purchase rises with age, allowing for dispersion", async (t) => {
    await assay.ready("explore");
    const claims = await assay.findings();
    assert.ok(claims.length > 3, "there are findings");
    await nothingBroke(assay);
    if (!known) return t.skip("no reference values here");
    const shown = await assay.shownFindings();
    assert.ok(shown.some((c) => c.topic === "Approved_Conversion by interest"));
    const age = claims.find((c) => c.topic === "Approved_Conversion by age");
    assert.equal(age.grade, "supported");
    assert.match(age.sentence, /rises with age, from 30\.88 \(30-34\) to 99\.76 \(45-49\)/);
    assert.match(age.sentence, /F\(3, 932\) = 18\.1, p < 0\.001, dispersion 4\.08/);
    const interest = claims.find((c) => c.topic === "Approved_Conversion by interest");
    assert.equal(interest.grade, "cannot-tell", interest.sentence);
  });

  it("shows KPIs as ratios of sums", async (t) => {
    if (!known) return t.skip("no reference values here");
    await assay.ready("explore");
    await assay.tab("KPIs");
    await assay.choose("By", "age");
    await assay.choose("and by", "");
    await assay.settled();
    const table = await assay.table("KPIs by group, ratios of sums");
    const groups = { Everything: known.kpis.all, ...known.kpis.age };
    for (const [label, kpi] of Object.entries(groups)) {
      const shown = row(table, label);
      same(shown.Rows, kpi.rows, `${label}: rows`);
      same(shown.Impressions, kpi.impressions, `${label}: impressions`);
      same(shown.Clicks, kpi.clicks, `${label}: clicks`);
      same(shown.Spend, kpi.spent, `${label}: spend`);
      same(shown.Purchases, kpi.approved_conversion, `${label}: purchases`);
      same(shown.CPA, kpi.cpa_approved, `${label}: CPA`);
      same(shown.CPL, kpi.cpa_total, `${label}: CPL`);
      same(shown.CPC, kpi.cpc, `${label}: CPC`);
      same(shown.CTR, kpi.ctr * 100, `${label}: CTR in percent`);
      same(shown.CVR, kpi.cvr_approved_per_click * 100, `${label}: CVR in percent`);
    }
    same(row(table, "30-34").CPA, 30.88, "CPA at 30-34");
    same(row(table, "45-49").CPA, 99.76, "CPA at 45-49");
  });

  it("tests every segment with the corrected test", async (t) => {
    if (!known) return t.skip("no reference values here");
    await assay.ready("explore");
    await assay.tab("Rates by segment");
    const table = await assay.table("Tests of the outcome over every segment, with adjusted p");
    for (const [segment, test] of Object.entries(known.quasi_poisson_approved_per_click)) {
      const shown = row(table, segment);
      same(shown.Statistic, test.f, `F of ${segment}`);
      same(shown.Dispersion, test.dispersion, `dispersion of ${segment}`);
      assert.equal(shown["Degrees of freedom"], `${test.dof}, ${test.df_resid}`);
      if (test.p < 0.001) assert.equal(shown.p, "< 0.001");
      else same(shown.p, test.p, `p of ${segment}`);
    }
    await nothingBroke(assay);
  });

  it("correlates clicks and spend", async (t) => {
    if (!known) return t.skip("no reference values here");
    await assay.ready("explore");
    await assay.tab("Correlation");
    const table = await assay.figures("correlation");
    const text = table.map((r) => r.join(" ")).join("\n");
    assert.match(text, /0\.993/, "r of clicks and spend");
    const { columns, pearson } = known.correlation;
    const value = (a, b) => pearson[columns.indexOf(a)][columns.indexOf(b)];
    assert.equal(value("Clicks", "Spent").toFixed(3), "0.993");
    await nothingBroke(assay);
  });

  it("draws every other view of the data", async () => {
    await assay.ready("explore");
    for (const [tab, chart] of [["Distributions", "histogram"], ["Pairs", "pair_plot"], ["Rates by segment", "rate_by_segment"]]) {
      await assay.tab(tab);
      assert.ok((await assay.alt(chart)).length > 20, `${chart} says what it shows`);
      assert.ok(await assay.main.locator(`figure[data-chart="${chart}"] svg, figure[data-chart="${chart}"] canvas`).count(), `${chart} is drawn`);
    }
    await nothingBroke(assay);
  });

  it("compares a baseline and five models, and blocks what comes after the target", async () => {
    await assay.ready("model");
    const table = await assay.table("Scores of the models");
    for (const family of FAMILIES) {
      const r2 = figure(row(table, family)["R²"]);
      assert.ok(Number.isFinite(r2) && r2 < 1, `${family} has an R², ${r2}`);
    }
    assert.ok(figure(row(table, "Baseline (mean)")["R²"]) <= 0, "the baseline explains nothing");
    await assay.reads(/tie|noise|best|better/i);
    if (known) {
      const blocked = assay.main.locator('[data-section=blocked] [data-column="Total_Conversion"]');
      assert.match(await blocked.innerText(), /not known before/);
      const use = blocked.getByRole("switch", { name: "Use Total_Conversion anyway" });
      assert.equal(await use.getAttribute("aria-checked"), "false");
      await use.click();
      assert.equal(await use.getAttribute("aria-checked"), "true");
      await use.click();
    }
    await nothingBroke(assay);
  });

  it("finds segments and recommends a number of them", async () => {
    await assay.ready("segment");
    const options = await assay.main.getByLabel("Number of segments", { exact: true }).locator("option").allTextContents();
    assert.deepEqual(options.map((o) => Number.parseInt(o, 10)), [2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.equal(options.filter((o) => o.includes("recommended")).length, 1);
    assert.ok((await assay.main.locator("[data-segment]").count()) >= 2, "there are segments");
    const chosen = await assay.main.getByLabel("Number of segments", { exact: true }).inputValue();
    assert.equal(await assay.main.locator("article[data-segment]").count(), Number(chosen));
    await nothingBroke(assay);
  });

  it("marks segments that were found with other settings", async () => {
    await assay.ready("segment");
    const seed = await assay.main.getByLabel("Seed", { exact: true }).inputValue();
    const marked = assay.main.getByText("These results are for other settings");
    assert.equal(await marked.count(), 0);
    await assay.enter("Seed", Number(seed) + 1);
    await marked.waitFor();
    await assay.reads(/Changed since: seed/);
    await assay.enter("Seed", seed);
    await marked.waitFor({ state: "detached" });
    await nothingBroke(assay);
  });

  it("decides about budget with an interval", async () => {
    await assay.ready("decide");
    const gain = await assay.tile(/Expected (gain|loss)/);
    assert.match(gain.join(" "), /95 % interval/);
    await assay.reads(/diminishing returns/);
    await nothingBroke(assay);
  });

  it("holds the move within campaigns and counts on the lower figure", async (t) => {
    if (!known) return t.skip("no reference values here");
    await assay.ready("decide");
    const expected = await assay.tile("Expected gain");
    assert.match(expected[1], /^4[12] more$/);
    assert.match(expected.join(" "), /all campaigns together/);
    assert.match((await assay.tile("Within campaigns"))[1], /^61 more$/);
    assert.match((await assay.tile("What average cost would promise"))[1], /^93 more$/);
    const campaigns = await assay.table("The same move made inside each campaign");
    assert.equal(figure(row(campaigns, "1178")["Own elasticity"]), 0.65);
    await assay.reads(/In campaign 936 alone, more spend does not go with more/);
    await assay.reads(/1,143 ads/);
    await nothingBroke(assay);
  });

  it("moves from the dearest group to the cheapest, can be turned round, and is told in money", async (t) => {
    if (!known) return t.skip("no reference values here");
    await assay.ready("decide");
    const from = assay.main.getByLabel("Take from", { exact: true });
    const value = async (level) => {
      for (let i = 0; i < 200 && (await from.inputValue()) !== level; i++) await assay.page.waitForTimeout(50);
      assert.equal(await from.inputValue(), level);
      await assay.settled();
    };
    await assay.choose("Groups by", "gender");
    await value("F");
    await assay.main.getByRole("button", { name: "Turn it round" }).click();
    await value("M");
    await assay.reads(/32 fewer.*Do not make it.*from F to M/);
    assert.match((await assay.tile("Expected loss"))[1], /^32 fewer$/);
    await assay.choose("Groups by", "age");
    await value("45-49");
    await assay.enter("Worth of one conversion", 100);
    await assay.reads("Worth of the move");
    assert.equal(figure((await assay.tile("Return on ad spend")).join(" ").match(/([\d.]+) before/)[1]), 1.84);
    await assay.choose("Inside campaign", "1178");
    await assay.reads(/625 ads of campaign 1178/);
    await assay.choose("Inside campaign", "");
    await assay.enter("Worth of one conversion", 0);
    await assay.settled();
    await nothingBroke(assay);
  });

  it("forgets a wrong share as soon as it is mended", async () => {
    await assay.ready("decide");
    await assay.enter("Share of its spend", 500);
    const error = assay.main.getByText("Enter a number between 1 and 100.");
    await error.waitFor();
    await assay.main.getByLabel("Share of its spend", { exact: true }).fill("20");
    await error.waitFor({ state: "detached" });
    await assay.enter("Share of its spend", 20);
    await assay.settled();
    await nothingBroke(assay);
  });

  it("keeps the runs", async () => {
    await assay.ready("runs");
    assert.equal(await assay.main.locator("tr[data-run]").count(), 2, "a model comparison and a clustering");
    await nothingBroke(assay);
  });
});

describe("customers", () => {
  const path = shared("data/marketing_campaign_data.csv");
  const known = path && reference("customers.json");
  let assay;
  before(async () => (assay = await Assay.open(site)));
  after(() => assay?.close());

  it("is picked with the keyboard alone", async (t) => {
    if (!path) t.diagnostic("the real file is not here: the built-in sample stands in, and no figure is compared");
    const { page } = assay;
    const wanted = path ? assay.dropArea : page.getByRole("button", { name: "Customers", exact: true });
    await wanted.waitFor();
    const isThere = () => wanted.evaluate((e) => e === document.activeElement);
    let steps = 0;
    while (!(await isThere()) && steps++ < 40) await page.keyboard.press("Tab");
    assert.ok(await isThere(), "Tab leads to it");
    const chooser = path && page.waitForEvent("filechooser");
    await page.keyboard.press("Enter");
    if (path) await (await chooser).setFiles(path);
    await assay.loaded();
    assert.equal(await assay.main.getByLabel("What is one row?").inputValue(), "customers");
    if (path) {
      assert.equal(await assay.size(), "2,240 × 30");
      await assay.reads("Comma-separated, UTF-8, 2,240 rows and 30 columns; nothing was left out.");
      const roles = {
        ID: "identifier", Year_Birth: "birth_year", Income: "income", Kidhome: "kids", Teenhome: "teens", Dt_Customer: "join_date",
        Recency: "recency", MntCoke: "product_spend", Response: "response", AcceptedCmp1: "earlier_response", Z_CostContact: "cost", Z_Revenue: "value_per_response",
      };
      for (const [column, role] of Object.entries(roles)) assert.equal(await assay.roleOf(column), role, column);
      assert.equal(await assay.typeOf("Dt_Customer"), "date");
    }
    await nothingBroke(assay);
  });

  it("walks the suggested way to a report", async () => {
    await assay.walk();
    await assay.drawn();
    const paper = await assay.paper();
    if (known) assert.match(paper, /14\.9 %/, "the report holds the rate of response");
    await nothingBroke(assay);
  });

  it("says how many responded and what contacting everyone brings", async (t) => {
    if (!known) return t.skip("no reference values here");
    await assay.ready("explore");
    const all = (await assay.findings()).find((c) => c.topic === "Response");
    assert.match(all.sentence, /334 of 2,240/);
    assert.match(all.sentence, /14\.9 %/);
    assert.match(all.sentence, /27\.3 %/);
    await assay.ready("decide");
    assert.match((await assay.tile("Contacting everyone")).join(" "), /[−-]3,046/);
    assert.match((await assay.tile("Break-even response")).join(" "), /27\.3 %/);
    assert.match((await assay.tile("Contacting nobody"))[1], /^0$/);
    assert.match((await assay.tile("Expected profit of the choice"))[1], /^6[12]\d$/);
    await assay.reads(/Contact segment 3 \(2[34]\d people\): expected profit 6[12]\d/);
    await assay.reads(/Leave out: its whole interval lies below break-even/);
    await nothingBroke(assay);
  });

  it("finds no relation between age and response", async (t) => {
    if (!known) return t.skip("no reference values here");
    await assay.ready("explore");
    const shown = await assay.shownFindings();
    assert.ok(shown.some((c) => c.topic === "Response by Age group"), "it is said without being asked for");
    const ranks = shown.map((c) => ["supported", "suggestive", "cannot-tell"].indexOf(c.grade));
    assert.deepEqual(ranks, [...ranks].sort(), "what is supported comes first");
    const age = (await assay.findings()).find((c) => c.topic === "Response by Age group");
    assert.equal(age.grade, "cannot-tell", age.sentence);
    assert.match(age.sentence, /no significant|does not|No /i);
    await assay.tab("Rates by segment");
    const tests = await assay.table("Tests of the outcome over every segment, with adjusted p");
    const tested = row(tests, "Age group");
    same(tested.Statistic.split("=")[1], 1.23, "chi² of age");
    assert.equal(tested["Degrees of freedom"], "4");
    same(tested.p, 0.87, "p of age");
    const complained = row(tests, "Complain");
    assert.equal(complained.Grade, "cannot tell");
    assert.equal(complained.p, "–", "no p beside a grade that contradicts it");
    assert.match(complained.Note, /Not tested/);
  });

  it("counts ages at the year asked for, and calls two people too few", async (t) => {
    if (!known) return t.skip("no reference values here");
    await assay.ready("explore");
    await assay.tab("Rates by segment");
    await assay.choose("Segment", "Age group");
    await assay.enter("Ages counted at year", 2025);
    await assay.page.waitForFunction(() =>
      [...document.querySelectorAll("main table tr")].some((r) => r.cells[0]?.textContent.startsWith("Age group") && r.cells[3]?.textContent.includes("3.34")),
    );
    await assay.settled();
    const shown = row(await assay.table("Tests of the outcome over every segment, with adjusted p"), "Age group at 2025");
    same(shown.Statistic.split("=")[1], 3.34, "chi² of age");
    same(shown.p, 0.5, "p of age");
    const groups = await assay.figures("rate_by_segment");
    const young = row(groups, "<30");
    assert.ok(Object.values(young).includes("2"), `two people under 30: ${JSON.stringify(young)}`);
    for (const [label, group] of Object.entries(known.response_by.Age_Group)) {
      assert.ok(Object.values(row(groups, label)).includes(group.n.toLocaleString("en")), `${group.n} people in ${label}`);
    }
    const age = (await assay.findings()).find((c) => c.topic === "Response by Age group at 2025");
    assert.notEqual(age.grade, "supported");
    assert.match(age.sentence, /<30.*too few|too few.*<30|2 people/, age.sentence);
    await nothingBroke(assay);
  });

  it("compares models of who responds, by probabilities", async () => {
    await assay.ready("model");
    const table = await assay.table("Scores of the models");
    for (const family of YES_NO) {
      const { AUC, "Log loss": loss, ...rest } = row(table, family);
      assert.ok(figure(AUC) >= 0.5 && figure(AUC) < 1, `${family} has an AUC, ${AUC}`);
      assert.ok(figure(loss) > 0, `${family} has a log loss, ${loss}`);
      assert.ok(!("R²" in rest), "no score of amounts");
    }
    for (const chart of ["calibration", "roc", "gains", "lift", "precision_recall", "threshold_profit"]) {
      assert.ok((await assay.alt(chart)).length > 20, `${chart} says what it shows`);
    }
    await nothingBroke(assay);
  });

  it("contacts people one by one, and saves their list", async () => {
    await assay.ready("decide");
    const profit = await assay.tile("Profit of contacting them");
    assert.match(profit.join(" "), /95 % interval/);
    if (known) {
      assert.equal(figure((await assay.tile("Contacting everyone"))[1]), -3046);
      assert.ok(figure(profit[1]) > 900, `contacts pay: ${profit[1]}`);
    }
    await nothingBroke(assay);
  });

  it("chooses segments to contact, and recalculates when the money changes", async () => {
    await assay.ready("decide");
    const before = await assay.tile("Expected profit of the choice");
    const cost = Number(await assay.main.getByLabel("Cost of a contact").inputValue());
    await assay.enter("Cost of a contact", cost + 1);
    const now = await assay.tileChanged("Expected profit of the choice", before);
    assert.ok(figure(now[1]) < figure(before[1]), `dearer contacts bring less: ${before[1]} to ${now[1]}`);
    await assay.enter("Cost of a contact", cost);
    assert.deepEqual(await assay.tileChanged("Expected profit of the choice", now), before, "and back");
    await nothingBroke(assay);
  });

  it("takes steps back and brings them again by keyboard", async () => {
    await assay.ready("clean");
    const steps = () => assay.main.locator("h2").filter({ hasText: "Applied" }).locator(".page__count").textContent({ timeout: 1000 }).catch(() => "0");
    const size = await assay.size();
    assert.notEqual(await steps(), "0");
    await assay.main.click({ position: { x: 2, y: 2 } });
    await assay.page.keyboard.press("Control+z");
    await assay.page.waitForFunction((old) => document.querySelector("[data-role=table-size]").textContent.replaceAll(/\s/g, " ") !== old, size);
    assert.equal(await steps(), "0", "the whole way is one step to take back");
    assert.equal(await assay.state("model"), "stale", "models of the earlier table are out of date");
    await assay.page.keyboard.press("Control+Shift+z");
    await assay.page.waitForFunction((old) => document.querySelector("[data-role=table-size]").textContent.replaceAll(/\s/g, " ") === old, size);
    assert.notEqual(await steps(), "0");
    await nothingBroke(assay);
  });

  it("goes to steps by number keys and shows the keys", async () => {
    await assay.page.keyboard.press("4");
    await assay.at("explore");
    await assay.page.keyboard.press("?");
    const dialog = assay.page.getByRole("dialog", { name: "Keys" });
    await dialog.waitFor();
    await assay.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await nothingBroke(assay);
  });
});

describe("runs", () => {
  it("survive a reload; are renamed, compared, deleted, brought back and erased", async () => {
    const assay = await Assay.open(site);
    await assay.sample("Ads");
    await assay.walk();
    await assay.go("runs");
    const rows = assay.main.locator("tr[data-run]");
    await rows.nth(1).waitFor();
    await assay.page.reload();
    await assay.at("runs");
    await rows.nth(1).waitFor();
    assert.equal(await rows.count(), 2);
    await rows.nth(0).getByRole("button", { name: /^Rename/ }).click();
    await assay.main.getByLabel("Name of the run").fill("First of all");
    await assay.page.keyboard.press("Enter");
    await assay.main.getByRole("link", { name: "First of all" }).waitFor();
    for (const box of await assay.main.getByRole("checkbox", { name: /^Compare/ }).all()) await box.check();
    await assay.main.getByRole("heading", { name: "What differs" }).waitFor();
    await assay.reads(/different kinds of runs/);
    await assay.main.getByRole("link", { name: "First of all" }).click();
    await assay.main.locator("[data-open-run] .graph__node").first().waitFor();
    await rows.nth(0).getByRole("button", { name: /^Delete/ }).click();
    await assay.page.waitForFunction(() => document.querySelectorAll("tr[data-run]").length === 1);
    await assay.main.getByRole("button", { name: "Bring it back" }).click();
    await rows.nth(1).waitFor();
    await assay.main.getByRole("button", { name: /^Erase all my data/ }).click();
    await assay.page.getByRole("dialog").getByRole("button", { name: "Erase everything" }).click();
    await assay.page.waitForFunction(() => document.querySelectorAll("tr[data-run]").length === 0);
    await assay.page.reload();
    await assay.reads("No runs yet");
    await nothingBroke(assay);
    await assay.close();
  });
});

describe("the last file", () => {
  const csv = Buffer.from("group,spend,clicks\na,10,5\nb,20,x\nc,30,7\n");

  it("is offered again after a reload with its recipe, and forgotten when that is switched off", async () => {
    const assay = await Assay.open(site);
    await assay.dropArea.waitFor();
    await assay.dropBytes(csv, "mine.csv");
    await assay.loaded();
    await assay.main.getByLabel("Role of spend", { exact: true }).selectOption("cost");
    await assay.page.waitForFunction(async () => {
      const open = indexedDB.open("assay");
      const database = await new Promise((done) => { open.onsuccess = () => done(open.result); });
      const get = database.transaction("last").objectStore("last").getAll();
      const kept = await new Promise((done) => { get.onsuccess = () => done(get.result); });
      database.close();
      return kept.length === 2 && kept[1].includes('"role"');
    });
    await assay.page.reload();
    await assay.main.getByRole("button", { name: "Open mine.csv again" }).click();
    await assay.loaded();
    assert.equal(await assay.roleOf("spend"), "cost", "the recipe came along");
    await assay.page.reload();
    await assay.main.getByRole("checkbox", { name: /^Keep the last file/ }).uncheck();
    assert.equal(await assay.main.getByRole("button", { name: /again$/ }).count(), 0);
    await assay.page.reload();
    await assay.dropArea.waitFor();
    assert.equal(await assay.main.getByRole("checkbox", { name: /^Keep the last file/ }).isChecked(), false);
    assert.equal(await assay.main.getByRole("button", { name: /again$/ }).count(), 0);
    await nothingBroke(assay);
    await assay.close();
  });

  it("says what a change of type would lose before it is made", async () => {
    const assay = await Assay.open(site);
    await assay.dropBytes(csv, "mine.csv");
    await assay.loaded();
    const type = assay.main.getByLabel("Type of group", { exact: true });
    const before = await type.inputValue();
    const dialog = assay.page.getByRole("dialog", { name: "Values would be lost" });
    await type.selectOption("number");
    await dialog.getByText("3 values of group are not numbers and become missing").waitFor();
    await dialog.getByRole("button", { name: "Leave it as it is" }).click();
    assert.equal(await assay.typeOf("group"), before);
    await type.selectOption("number");
    await dialog.getByRole("button", { name: "Change it all the same" }).click();
    await assay.reads(/3 lost by the change of type/);
    await nothingBroke(assay);
    await assay.close();
  });
});

describe("what was made from what", () => {
  it("is not out of date when a change is changed back; a tick means seen or made", async () => {
    const assay = await Assay.open(site);
    await assay.sample("Ads");
    await assay.settled();
    assert.equal(await assay.state("explore"), "ready", "nobody has looked yet");
    assert.equal(await assay.state("report"), "ready");
    await assay.walk();
    for (const slug of ["explore", "model", "segment", "report"]) assert.equal(await assay.state(slug), "done", slug);
    await assay.go("data");
    const role = assay.main.getByLabel("Role of age", { exact: true });
    const before = await role.inputValue();
    await role.selectOption("income");
    await assay.page.waitForFunction(() => document.querySelector('.rail a[href="#/model"]').dataset.state === "stale");
    assert.equal(await assay.message.count(), 1, "one message at a time");
    await assay.page.keyboard.press("Escape");
    assert.equal(await assay.message.count(), 0, "Escape closes it");
    await role.selectOption(before);
    await assay.page.waitForFunction(() => document.querySelector('.rail a[href="#/model"]').dataset.state === "done");
    await nothingBroke(assay);
    await assay.close();
  });
});

describe("an empty page", () => {
  it("says what it is, where to drop, and leads on from every step", async () => {
    const assay = await Assay.open(site);
    await assay.dropArea.waitFor();
    await assay.reads(/Nothing leaves this device/);
    for (const slug of ["clean", "features", "explore", "model", "segment", "decide", "report", "runs"]) {
      await assay.page.goto(`${site.url}#/${slug}`);
      await assay.at(slug);
      assert.ok(await assay.main.getByRole("button").count() + await assay.main.getByRole("link").count(), `${slug} leads on`);
    }
    await nothingBroke(assay);
    await assay.close();
  });

  it("is shown for an address of no page, which becomes its own", async () => {
    const assay = await Assay.open(site, { hash: "#/nonsense" });
    await assay.at("data");
    await assay.page.waitForURL(/#\/data$/);
    await assay.page.goto(`${site.url}#/nothing?at=all`);
    await assay.page.waitForURL(/#\/data\?at=all$/);
    await nothingBroke(assay);
    await assay.close();
  });

  it("opens files dropped on any page, and recipes too", async () => {
    const assay = await Assay.open(site, { hash: "#/model" });
    await assay.drop(file("small.csv", "age,gender,Clicks,Spent\n30-34,M,10,5.5\n35-39,F,20,9.5\n30-34,F,30,15\n"));
    await assay.loaded();
    assert.equal(await assay.size(), "3 × 4");
    await nothingBroke(assay);
    await assay.close();
  });
});

describe("steps", () => {
  it("are searched and chosen with the keyboard", async () => {
    const assay = await Assay.open(site);
    await assay.drop(file("small.csv", "city,cost\nRoma,\"1,5\"\nOslo,\"2,25\"\nRoma,\"12,5\"\nBern,\"20,75\"\n"));
    await assay.loaded();
    await assay.ready("clean");
    await assay.main.getByRole("button", { name: "Add a step…" }).click();
    const search = assay.page.getByRole("searchbox", { name: "Search" });
    const focused = (text) => assay.page.waitForFunction((text) => document.activeElement.innerText?.startsWith(text), text);
    assert.ok(await search.evaluate((box) => box === document.activeElement), "the search has the focus");
    await search.press("ArrowDown");
    await focused("Change type");
    await assay.page.keyboard.press("ArrowUp");
    await search.fill("filter");
    await search.press("Enter");

    const apply = assay.page.getByRole("button", { name: "Apply this step" });
    await assay.page.getByLabel("Column", { exact: true }).selectOption("city");
    const value = assay.page.getByLabel("Value", { exact: true });
    const offered = (n) => assay.page.waitForFunction((n) => document.querySelectorAll("dialog datalist option").length === n, n);
    await offered(3);
    const options = assay.page.locator("dialog datalist option");
    assert.equal(await options.first().getAttribute("value"), "Roma");
    assert.match(await options.first().textContent(), /^2.rows$/);
    await assay.page.getByLabel("Condition", { exact: true }).selectOption("one_of");
    await value.fill("Roma; ");
    assert.equal(await options.nth(1).getAttribute("value"), "Roma; Bern");
    await value.fill("Roma; Bern");
    await value.press("Tab");
    await assay.page.getByText(/Kept 3.rows where city is one of Roma, Bern/).waitFor();

    await assay.page.getByLabel("Column 2", { exact: true }).selectOption("cost");
    await assay.page.getByLabel("Condition 2", { exact: true }).selectOption("at_least");
    await assay.page.getByLabel("Value 2", { exact: true }).fill("12,5");
    await assay.page.getByLabel("Value 2", { exact: true }).press("Tab");
    await assay.page.getByText(/and cost is at least 12\.5/).waitFor();

    await assay.page.keyboard.press("Escape");
    await assay.page.getByRole("alert").filter({ hasText: "Not applied yet" }).waitFor();
    assert.ok(await apply.isVisible(), "nothing is lost without asking");
    await assay.page.getByRole("button", { name: "Go on" }).click();
    await apply.click();
    await assay.reads(/Kept 2.rows/);
    await nothingBroke(assay);
    await assay.close();
  });
});

describe("formula columns", () => {
  it("are written with names offered, faults marked and the effect shown", async () => {
    const assay = await Assay.open(site);
    await assay.drop(file("small.csv", "age,gender,Clicks,Spent\n30-34,M,10,5\n35-39,F,0,9.5\n30-34,F,30,15\n"));
    await assay.loaded();
    await assay.ready("features");
    await assay.main.getByRole("button", { name: "Write a formula…" }).click();
    const box = assay.page.getByRole("combobox", { name: "Formula" });
    const apply = assay.page.getByRole("button", { name: "Apply this step" });

    await box.fill("Spent / Clickz");
    await assay.page.getByText(/Character 9: there is no column “Clickz”; did you mean Clicks\?/).waitFor();
    assert.equal(await box.getAttribute("aria-invalid"), "true");
    assert.ok(await apply.isDisabled(), "what is wrong cannot be applied");

    await box.fill("");
    await box.pressSequentially("Spent / cl");
    await assay.page.getByRole("option", { name: /^Clicks/ }).waitFor();
    await box.press("ArrowDown");
    await box.press("ArrowUp");
    await box.press("Enter");
    assert.equal(await box.inputValue(), "Spent / Clicks");
    await box.press("Backspace");
    await assay.page.getByRole("option", { name: /^Clicks/ }).waitFor();
    await box.press("Escape");
    assert.ok(await box.isVisible(), "Escape closes the list, not the sheet");
    await box.fill("Spent / Clicks");

    await assay.page.getByLabel("Name", { exact: true }).fill("CPC");
    await box.focus();
    await assay.page.getByText(/CPC is missing in 1.row: nothing can be divided by zero/).waitFor();
    const shown = await assay.page.getByRole("table", { name: "The first rows with what is made of them" }).locator("tr").first().innerText();
    assert.deepEqual(shown.split(/\s+/), ["Row", "Clicks", "Spent", "CPC"]);
    await apply.click();
    await assay.reads(/Added CPC = Spent \/ Clicks/);
    await nothingBroke(assay);
    await assay.close();
  });
});
