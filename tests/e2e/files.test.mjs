// Several files: months dropped together, a second file joined by a key, a workbook with a choice of sheet.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Assay } from "./page.mjs";
import { file, start } from "./support.mjs";
import { workbook } from "./workbook.mjs";

let site;
before(async () => {
  site = await start();
});
after(() => site?.stop());

const month = (m, header = "Day,Campaign,Impressions,Clicks,Cost") =>
  `${header}\n` +
  Array.from({ length: 28 }, (_, d) =>
    Array.from({ length: 3 }, (_, c) => {
      const n = 200 + ((d * 13) % 37) + c * 20 + m;
      return `2026-${String(m).padStart(2, "0")}-${String(d + 1).padStart(2, "0")},c${c},${n},${Math.round(n / 9)},${n / 20}`;
    }).join("\n"),
  ).join("\n") + "\n";

const JAN = () => file("jan.csv", month(1));
const FEB = () => file("feb.csv", month(2, "day,campaign,impressions,clicks,cost"));

/** Waits until the table has this size, in the order rows × columns. */
async function sized(assay, size) {
  await assay.page.waitForFunction(
    (size) => document.querySelector("[data-role=table-size]")?.textContent.replaceAll(/\s/g, " ") === size,
    size,
  );
  await assay.loaded();
}

async function sound(assay) {
  assert.deepEqual(await assay.broken(), [], "no figure broke");
  assert.deepEqual(assay.problems, [], "no error");
}

const fileRow = (assay, name) => assay.main.locator(`.files__file[data-file="${name}"]`);

describe("several files", () => {
  it("two months dropped together are one table, without a question", async () => {
    const assay = await Assay.open(site);
    await assay.dropAll([JAN(), FEB()]);
    await sized(assay, "168 × 6");
    assert.equal(await assay.fileName(), "jan.csv and 1 more");
    assert.equal(await assay.typeOf("Source file"), "category");
    assert.equal(await assay.typeOf("Day"), "date");
    assert.match(await fileRow(assay, "jan.csv").innerText(), /First file[\s\S]*84 rows/);
    assert.match(await fileRow(assay, "feb.csv").innerText(), /Appended/);
    assert.equal(await assay.main.locator("[data-role=join-offer]").count(), 0);

    // One is taken out, and another added with its button.
    await assay.main.getByRole("button", { name: "Take jan.csv out" }).click();
    await sized(assay, "84 × 5");
    await assay.pick(JAN(), "Add a file");
    await sized(assay, "168 × 6");
    assert.equal(await assay.fileName(), "feb.csv and 1 more");

    // Read again in another way: both files are.
    await assay.main.locator("[data-role=reading] > summary").click();
    await assay.choose("Column names stand", "none");
    await sized(assay, "170 × 6");
    await assay.choose("Column names stand", "auto");
    await sized(assay, "168 × 6");
    await sound(assay);
    await assay.close();
  });

  it("files that cannot be used are named in one notice, the others are opened", async () => {
    const assay = await Assay.open(site);
    await assay.dropAll([file("photo.png", "\x89PNG\r\n"), JAN(), file("empty.csv", ""), FEB()]);
    await sized(assay, "168 × 6");
    const notice = await assay.notice(/2 of 4 files could not be used/);
    assert.match(notice, /photo\.png: /);
    assert.match(notice, /empty\.csv: /);
    await assay.hush();
    await assay.dropAll([file("a.csv", ""), file("b.csv", "x\n")]);
    assert.match(await assay.notice(/None of the 2 files can be read/), /a\.csv.*b\.csv/s);
    assert.equal(await assay.size(), "168 × 6", "what was open is still open");
    await sound(assay);
    await assay.close();
  });

  it("a file of another shape is joined by a key, with the match shown before and after", async () => {
    const assay = await Assay.open(site);
    const people = "customer_id,age,Income\n" +
      Array.from({ length: 50 }, (_, i) => `${1000 + i},${20 + (i % 40)},${3000 + i * 17}`).join("\n") + "\n";
    const orders = "order,customer_id,amount\n" +
      Array.from({ length: 90 }, (_, i) => `${i + 1},${1000 + (i * 7) % 60},${5 + (i % 9)}`).join("\n") + "\n";
    await assay.dropAll([file("people.csv", people), file("orders.csv", orders)]);
    await sized(assay, "50 × 3");
    const offer = assay.main.locator("[data-role=join-offer]");
    await offer.waitFor();
    assert.match(await offer.innerText(), /50 of 50 rows find a match/);
    const join = offer.getByRole("button", { name: "Join orders.csv" });
    assert.ok(await join.isDisabled(), "keys occur more than once: nothing is joined before that is settled");
    assert.match(await offer.locator("[data-role=repeats]").innerText(), /30 keys occur more than once in orders\.csv/);

    // Another pair of columns is compared at once.
    await offer.getByLabel("Key in orders.csv").selectOption("amount");
    await offer.getByText(/^0 of 50 rows find a match/).waitFor();
    assert.ok(await join.isDisabled());
    await offer.getByLabel("Key in orders.csv").selectOption("customer_id");
    await offer.getByText(/^50 of 50 rows find a match/).waitFor();

    await offer.getByLabel("What to do with them").selectOption("combine");
    await join.click();
    await sized(assay, "50 × 6");
    assert.equal(await offer.count(), 0);
    assert.match(await fileRow(assay, "orders.csv").innerText(), /Joined by customer_id[\s\S]*50 of 50 rows find a match/);
    await assay.reads("amount (sum)");

    // The way goes through, and its recipe carries the files.
    await assay.walk();
    await assay.drawn();
    const recipe = JSON.parse((await assay.save(/^Save Recipe/)).bytes);
    assert.deepEqual(recipe.files.map((f) => f.name), ["people.csv", "orders.csv"]);
    assert.equal(recipe.files[1].put.join.repeats, "combine");
    await sound(assay);
    await assay.close();
  });

  it("after the worker ends every file is read again", async () => {
    const assay = await Assay.open(site);
    await assay.dropAll([JAN(), FEB()]);
    await sized(assay, "168 × 6");
    await assay.go("explore");
    await assay.ready("explore");
    await assay.go("data");
    await assay.page.reload();
    await assay.page.getByRole("button", { name: "Open jan.csv and 1 more again" }).click();
    await sized(assay, "168 × 6");
    await sound(assay);
    await assay.close();
  });

  it("a workbook is read, with a choice of sheet, and may be a month among others", async () => {
    const assay = await Assay.open(site);
    const rows = (m) => [
      ["Report", null, null],
      ["Day", "Campaign", "Impressions", "Clicks", "Cost"],
      ...Array.from({ length: 20 }, (_, i) => [{ date: [2026, m, i + 1] }, `c${i % 3}`, 200 + i * m, 20 + i, 1.25 * i]),
    ];
    const bytes = workbook([["Notes", [["Read me"]]], ["March", rows(3)], ["April", rows(4)]]);
    await assay.drop(file("ads.xlsx", bytes));
    await sized(assay, "20 × 5");
    assert.deepEqual((await assay.tile("Sheet")).slice(0, 2), ["Sheet", "March"]);
    assert.equal(await assay.typeOf("Day"), "date");
    await assay.choose("Sheet of ads.xlsx", "April");
    await assay.page.waitForFunction(() => /April/.test(document.querySelector(".metric-tile + .metric-tile + .metric-tile")?.innerText));
    await assay.reads(/Sheet “April” of an Excel workbook/);
    await assay.pick(JAN(), "Add a file");
    await sized(assay, "104 × 6");
    await sound(assay);

    // A locked or damaged one is named, and what is open stays.
    await assay.drop(file("broken.xlsx", bytes.subarray(0, 400)));
    assert.match(await assay.notice(/This workbook cannot be read/), /export the sheet as CSV/);
    assert.equal(await assay.size(), "104 × 6");
    await assay.close();
  });
});
