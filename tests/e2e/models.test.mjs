// What can be asked of models beyond the comparison: explanation, what if, ladder, learning curve, tuning, other splits.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Assay, figure } from "./page.mjs";
import { start } from "./support.mjs";

let site;
let assay;
before(async () => {
  site = await start();
  assay = await Assay.open(site);
  await assay.sample("Ads");
  await assay.walk();
  await assay.ready("model");
});
after(async () => {
  await assay?.close();
  await site?.stop();
});

const section = (name) => assay.main.locator(`[data-section="${name}"]`);

/** Waits until a section has its answer. */
async function answered(name) {
  await assay.main.locator(`[data-section="${name}"][data-ready="true"]`).waitFor();
  await assay.settled();
}

async function sound() {
  assert.deepEqual(await assay.broken(), []);
  assert.deepEqual(assay.problems, []);
}

describe("models", () => {
  it("a moved value moves the prediction, its interval and its parts, and is taken back", async () => {
    const whatIf = assay.main.locator("[data-part=what-if]");
    const prediction = whatIf.locator("[data-part=prediction]");
    await prediction.filter({ hasText: /\d/ }).waitFor();
    const before = [await prediction.innerText(), await whatIf.locator("[data-part=interval]").innerText()];
    const slider = whatIf.locator("input[type=range]").first();
    const [low, high] = await slider.evaluate((s) => [Number(s.min), Number(s.max)]);
    // To the end that is further away.
    const now = Number(await slider.inputValue());
    await slider.focus();
    await slider.press(now - low > high - now ? "Home" : "End");
    await whatIf.getByText(/by the changes, from/).waitFor();
    const after = [await prediction.innerText(), await whatIf.locator("[data-part=interval]").innerText()];
    assert.notDeepEqual(after, before);
    assert.ok(Number.isFinite(figure(after[0])), after[0]);
    assert.ok((await whatIf.locator("[data-part=parts] li").count()) > 0, "each column has its part");
    await whatIf.getByRole("button", { name: "Undo the changes" }).click();
    await prediction.filter({ hasText: before[0] }).waitFor();
    await sound();
  });

  it("the ladder was climbed on the way and can be asked otherwise", async () => {
    const rows = await assay.table("The score, question by question");
    assert.ok(rows.length >= 4, `${rows.length - 1} rungs`);
    await section("ladder").getByText("Change what is asked").click();
    await section("ladder").getByLabel("Model", { exact: true }).selectOption("decision_tree");
    await section("ladder").getByRole("button", { name: /Ask/ }).last().click();
    await section("ladder").getByText(/^Decision tree, fitted anew/).waitFor();
    assert.notDeepEqual(await assay.table("The score, question by question"), rows);
    await sound();
  });

  it("the learning curve says whether more rows would help", async () => {
    await section("learning-curve").getByRole("button", { name: "Draw the learning curve" }).click();
    await section("learning-curve").locator('figure[data-chart="learning_curve"]').waitFor();
    await answered("learning-curve");
    const figures = await assay.figures("learning_curve");
    assert.ok(figures.length > 4, `${figures.length} sizes`);
    await sound();
  });

  it("what was asked later is in the run of the comparison", async () => {
    await assay.go("runs");
    await assay.main.getByRole("link", { name: /random forest|regression|boosting|AdaBoost|decision tree/i }).first().click();
    await assay.main.locator("[data-part=every-result] > summary").click();
    const results = (await assay.table("Every result of this run")).map(([name]) => name).join("\n");
    assert.match(results, /ladder: /);
    assert.match(results, /learning curve: gain of the last doubling/);
    await sound();
    await assay.ready("model");
  });

  it("a search has a score on rows kept from it, and its settings can be used", async () => {
    await section("tuner").getByLabel("Model to tune").selectOption("decision_tree");
    await section("tuner").getByLabel("Time", { exact: true }).fill("3");
    await section("tuner").getByLabel("Time", { exact: true }).press("Enter");
    await section("tuner").getByRole("button", { name: "Tune decision tree" }).click();
    await answered("tuner");
    assert.match(await section("tuner").locator("[data-part=tuning-sentence]").innerText(), /Tuning (helps|may help|does not help) decision tree|keep them/);
    const rows = await assay.table("Candidates of the search on all rows, best first");
    assert.ok(rows.length > 4, `${rows.length - 1} candidates`);
    assert.match(rows[1][1], /±/, "with its spread over the parts");
    const losses = rows.slice(1).map((cells) => figure(cells[1])).filter(Number.isFinite);
    assert.deepEqual(losses, losses.toSorted((a, b) => a - b), "best first");
    const use = section("tuner").getByRole("button", { name: "Use these settings" });
    if (await use.count()) {
      await use.click();
      await assay.notice(/Settings of decision tree taken over/);
      await assay.hush();
    }
    await sound();
  });

  it("a column read otherwise puts models out of date; taken back, they fit again", async () => {
    const is = (slug, state) => assay.page.locator(`.rail a[href="#/${slug}"][data-state="${state}"]`).waitFor();
    await assay.go("data");
    // A number made text is read from the file again.
    await assay.choose("Type of Impressions", "text");
    await is("model", "stale");
    await is("segment", "stale");
    await assay.hush();
    await assay.ready("model");
    await assay.notice(/Out of date|has changed/i);
    assert.ok(await assay.main.locator('figure[data-chart="model_scores"]').first().isVisible(), "what was found still stands there");
    await sound();
    await assay.page.getByRole("button", { name: "Undo the last step (Ctrl+Z)" }).click();
    await is("model", "done");
    await is("segment", "done");
    await assay.ready("model");
    const whatIf = assay.main.locator("[data-part=what-if]");
    await whatIf.locator("[data-part=prediction]").filter({ hasText: /\d/ }).waitFor();
    const slider = whatIf.locator("input[type=range]").first();
    await slider.focus();
    await slider.press("ArrowRight");
    await whatIf.getByText(/by the changes, from/).waitFor();
    // Forwards and back once more, all on this page.
    await assay.page.getByRole("button", { name: "Redo (Ctrl+Shift+Z)" }).click();
    await is("model", "stale");
    await assay.settled();
    await assay.main.getByText("train again to ask about its rows").waitFor();
    await assay.page.getByRole("button", { name: "Undo the last step (Ctrl+Z)" }).click();
    await is("model", "done");
    await assay.ready("model");
    await sound();
  });

  it("other splits give other scores, and the page says which", async () => {
    for (const [kind, words] of [["each_group", /one by one|held out|each/i], ["hold_out", /%|held out/i]]) {
      const change = assay.main.getByRole("button", { name: /^Change/ }).first();
      if (await change.isVisible()) await change.click();
      await assay.choose("Validation", kind);
      if (kind === "each_group") await assay.main.locator(".beside__panel").getByLabel("Held out one by one").selectOption("xyz_campaign_id");
      await assay.main.getByRole("button", { name: /^Train/ }).first().click();
      await assay.ready("model");
      assert.match(await assay.text(), words);
      await sound();
    }
  });
});
