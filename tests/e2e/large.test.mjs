// A large file: its first rows are there while the rest is being read, reading can be stopped, the file dropped last wins.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Assay } from "./page.mjs";
import { file, start } from "./support.mjs";
import { workbook } from "./workbook.mjs";

const N_ROWS = 1_500_000;
let site;
let large;

before(async () => {
  site = await start();
  const rows = Array.from({ length: 10_000 }, (_, i) => `2026-0${1 + (i % 9)}-1${i % 10},Campaign ${i % 7},${i % 2 ? "F" : "M"},${i * 3},${i % 90},${(i % 500) / 4}\n`).join("");
  large = file("large.csv", `Day,Campaign name,gender,Impressions,Clicks,Spent\n${rows.repeat(N_ROWS / 10_000)}`);
});
after(() => site?.stop());

describe("a large file", () => {
  it("shows its first rows while it is read, then all of them", async () => {
    const assay = await Assay.open(site);
    await assay.pick(large);
    const first = assay.page.locator("[data-role=first-rows]");
    await first.waitFor();
    assert.match(await first.innerText(), /Campaign name[\s\S]*2026-01-10[\s\S]*Campaign 0/);
    await assay.loaded();
    assert.equal(await assay.size(), "1,500,000 × 6");
    assert.deepEqual(assay.problems.splice(0), []);
    await assay.close();
  });

  it("can be stopped, and opened again", async () => {
    const assay = await Assay.open(site);
    await assay.pick(large);
    // At once: it is read in the time a pointer takes to get there.
    await assay.page.locator(".loading-bar").getByRole("button", { name: /Stop/ }).dispatchEvent("click");
    await assay.dropArea.waitFor();
    assert.equal(await assay.page.locator("[data-role=first-rows]").count(), 0);
    await assay.pick(large);
    await assay.loaded();
    assert.equal(await assay.size(), "1,500,000 × 6");
    await assay.close();
  });

  it("shows how far a workbook is read, and can be stopped there", async () => {
    const assay = await Assay.open(site);
    const rows = Array.from({ length: 60_000 }, (_, i) => [`Campaign ${i % 7}`, i * 3, i % 90, (i % 500) / 4]);
    const book = file("large.xlsx", workbook([["Ads", [["Campaign name", "Impressions", "Clicks", "Spent"], ...rows]]]));
    await assay.pick(book);
    const bar = assay.page.locator(".loading-bar [role=progressbar]");
    await assay.page.waitForFunction(() => Number(document.querySelector(".loading-bar [role=progressbar]")?.getAttribute("aria-valuenow")) > 0);
    await assay.page.locator(".loading-bar").getByRole("button", { name: /Stop/ }).dispatchEvent("click");
    await assay.dropArea.waitFor();
    assert.equal(await bar.count(), 0);
    await assay.pick(book);
    await assay.loaded();
    assert.equal(await assay.size(), "60,000 × 4");
    assert.deepEqual(assay.problems.splice(0), []);
    await assay.close();
  });

  it("gives way to the file dropped after it", async () => {
    const assay = await Assay.open(site);
    await assay.pick(large);
    await assay.page.locator(".loading-bar").waitFor();
    await assay.dropBytes(Buffer.from("age,Clicks\n30-34,1\n35-39,2\n30-34,3\n"), "small.csv");
    await assay.loaded();
    assert.equal(await assay.size(), "3 × 2");
    // What still arrives of the first changes nothing.
    await assay.page.waitForTimeout(1_500);
    assert.equal(await assay.size(), "3 × 2");
    assert.deepEqual(assay.problems.splice(0), []);
    await assay.close();
  });
});
