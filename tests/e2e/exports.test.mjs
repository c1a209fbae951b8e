// Exports as people drop them in: named on the receipt, every skipped line brought back, doubts put to the user.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Assay } from "./page.mjs";
import { file, start } from "./support.mjs";

let site;
let assay;
const HEADER = "Campaign\tDay\tCurrency code\tImpr.\tClicks\tCost\tConversions";
const REPORT = [
  "Campaign report", "1 September 2026 - 2 September 2026", HEADER,
  "Brand\t2026-09-01\tEUR\t1,204\t87\t172.45\t3", "Brand\t2026-09-02\tEUR\t1,100\t80\t150.00\t --",
  "Brand\t\tEUR\t2,304\t167\t322.45\t3",
  "Generic\t2026-09-01\tEUR\t900\t10\t20.00\t1", "Generic\t2026-09-02\tEUR\t800\t12\t22.00\t2",
  "Generic\t\tEUR\t1,700\t22\t42.00\t3",
  "Total: Account\t --\tEUR\t4,004\t189\t364.45\t6",
].join("\n") + "\n";

before(async () => {
  site = await start();
  assay = await Assay.open(site);
});
after(() => site?.stop());

/** Drops a file and waits until it is open with that many rows. */
async function opened(name, bytes, size) {
  await assay.drop(file(name, bytes));
  await sized(size);
}

async function sized(size) {
  await assay.page.waitForFunction(
    (size) => document.querySelector("[data-role=table-size]")?.textContent.replaceAll(/\s/g, " ") === size,
    size,
  );
  await assay.loaded();
}

describe("a report of Google Ads in UTF-16", () => {
  it("is named, and says what was skipped", async () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(REPORT, "utf16le")]);
    await opened("Campaign report.csv", bytes, "4 × 7");
    await assay.reads("Google Ads report, tab-separated, UTF-16 LE, 4 rows and 7 columns; 2 lines above the table, 2 subtotal rows and 1 total row were left out; “--” read as missing in 1 column.");
  });

  it("shows each skipped line and brings it back", async () => {
    await assay.page.locator("[data-role=skipped-lines] > summary").click();
    const line = assay.page.locator(".skipped__line").filter({ hasText: "Line 10" });
    assert.match(await line.innerText(), /Total: Account/);
    await line.getByRole("button", { name: "Bring back" }).click();
    await sized("5 × 7");
    await assay.reads("Brought back as rows: line 10.");
    await assay.page.getByRole("button", { name: "Skip them again" }).click();
    await sized("4 × 7");
  });

  it("brings a whole kind back", async () => {
    const details = assay.page.locator("[data-role=skipped-lines]");
    if ((await details.getAttribute("open")) === null) await details.locator("> summary").click();
    await assay.page.getByRole("region", { name: "2 subtotal rows" }).getByRole("button", { name: "Bring all back" }).click();
    await sized("6 × 7");
    await assay.reads("Brought back as rows: every subtotal row.");
    await assay.notice("2 subtotal rows brought back");
    await assay.message.getByRole("button", { name: "Undo", exact: true }).click();
    await sized("4 × 7");
  });

  it("shows a long line whole", async () => {
    const long = `Report of ${"many campaigns of the spring ".repeat(12)}by region`;
    await opened("long.csv", `${long}\nname,region,spend\nA,North,5\nB,South,7\nC,West,9\n`, "3 × 3");
    const details = assay.page.locator("[data-role=skipped-lines]");
    if ((await details.getAttribute("open")) === null) await details.locator("> summary").click();
    const line = details.locator(".skipped__long");
    await line.locator("summary").click();
    assert.equal(await line.locator("> code").innerText(), long);
    assert.deepEqual(assay.problems, []);
  });
});

describe("dates that do not tell day from month", () => {
  it("are a question with two answers", async () => {
    await opened("doubt.csv", "name,joined,spend\nA,03/04/2026,5\nB,05/06/2026,7\nC,07/08/2026,9\n", "3 × 3");
    const question = assay.page.locator("[data-role=date-question]");
    await question.getByRole("button", { name: "The month comes first" }).click();
    await question.waitFor({ state: "detached" });
    await assay.reads(/2026-03-04/);
    await assay.page.locator("[data-role=reading]").getByLabel("Dates such as 03/04/2026").selectOption("day");
    await assay.reads(/2026-04-03/);
    assert.deepEqual(assay.problems, []);
  });

  it("are answered column by column where they differ", async () => {
    await opened("two.csv", "name,joined,left\nA,03/04/2026,04/03/2026\nB,05/06/2026,06/05/2026\nC,07/08/2026,08/07/2026\n", "3 × 3");
    const question = assay.page.locator("[data-role=date-question]");
    await question.getByText("They differ: answer for each column").click();
    await question.getByRole("button", { name: "left: month first" }).click();
    await assay.notice("left is read month first");
    const examples = (column) => assay.page.locator(`tr[data-column="${column}"] .columns__examples`);
    await examples("left").filter({ hasText: "2026-04-03" }).waitFor();
    assert.match(await examples("joined").innerText(), /2026-04-03/);
    assert.match(await question.innerText(), /of “joined” has/, "one is left, and the question is simple again");
    await question.getByRole("button", { name: "The day comes first" }).click();
    await question.waitFor({ state: "detached" });
    assert.match(await examples("left").innerText(), /2026-04-03/);
    assert.deepEqual(assay.problems, []);
  });
});

describe("undo across readings", () => {
  const type = (expected) =>
    assay.page.waitForFunction((expected) => document.querySelector('tr[data-column="Clicks"] select')?.value === expected, expected);
  const skipped = () => assay.page.locator("[data-role=skipped-lines]");

  it("skips a line again that was brought back, and keeps the steps before it", async () => {
    await opened("undo.csv", REPORT, "4 × 7");
    await assay.choose("Type of Clicks", "text");
    await type("text");

    if ((await skipped().getAttribute("open")) === null) await skipped().locator("> summary").click();
    await assay.page.locator(".skipped__line").filter({ hasText: "Line 10" }).getByRole("button", { name: "Bring back" }).click();
    await sized("5 × 7");
    await type("text");

    const undo = assay.page.getByRole("button", { name: "Undo the last step (Ctrl+Z)" });
    const redo = assay.page.getByRole("button", { name: "Redo (Ctrl+Shift+Z)" });
    await undo.click();
    await sized("4 × 7");
    await type("text");
    assert.equal(await assay.page.locator("[data-role=kept-lines]").count(), 0, "nothing is brought back any more");
    await undo.click();
    await type("number");
    assert.equal(await assay.size(), "4 × 7");

    await redo.click();
    await type("text");
    await redo.click();
    await sized("5 × 7");
    await assay.reads("Brought back as rows: line 10.");

    // Another file begins anew.
    await opened("other.csv", "a,b\n1,2\n3,4\n5,6\n", "3 × 2");
    assert.ok(await undo.isDisabled());
    assert.deepEqual(assay.problems, []);
  });

  it("asks a joined file about its own dates, and takes the answer and the join back", async () => {
    const rows = Array.from({ length: 12 }, (_, i) => `${i + 1},2026-01-${String(i + 13)},${i * 3}`).join("\n");
    await opened("people.csv", `id,seen,n\n${rows}\n`, "12 × 3");
    const ids = Array.from({ length: 12 }, (_, i) => `${i + 1},0${1 + (i % 9)}/04/2026`).join("\n");
    const chooser = assay.page.waitForEvent("filechooser");
    await assay.page.getByRole("button", { name: "Add a file" }).click();
    await (await chooser).setFiles({ name: "joined.csv", mimeType: "text/csv", buffer: Buffer.from(`id,joined\n${ids}\n`) });
    await assay.page.getByRole("button", { name: "Join joined.csv" }).click();
    await sized("12 × 4");

    const question = assay.page.locator("[data-role=date-question]");
    assert.match(await question.innerText(), /in joined\.csv/);
    await question.getByRole("button", { name: "The month comes first" }).click();
    await question.waitFor({ state: "detached" });
    await assay.reads(/2026-01-04/);

    const undo = assay.page.getByRole("button", { name: "Undo the last step (Ctrl+Z)" });
    await undo.click();
    await question.waitFor();
    await undo.click();
    await sized("12 × 3");
    assert.deepEqual(assay.problems, []);
  });
});

describe("one column read otherwise than the file", () => {
  const cells = (column) => assay.page.locator(`tr[data-column="${column}"] .columns__examples`);
  const reads = (column, text) => cells(column).filter({ hasText: text }).first().waitFor();

  it("is had as it stands in the file when its type is text, and is a number again after undo", async () => {
    await opened("prices.csv", "id,price,rate\nA1,1.20,1.234\nB2,+0017,2.345\nC3,\"$1,200.50\",3.456\nD4,1.10,4.567\n", "4 × 3");
    await assay.choose("Type of price", "text");
    await reads("price", "1.20, +0017, $1,200.50, 1.10");
    assert.equal(await assay.typeOf("price"), "text");
    await assay.page.getByRole("button", { name: "Undo the last step (Ctrl+Z)" }).click();
    await reads("price", "1.10 to 1,200");
    assert.equal(await assay.typeOf("price"), "number");
  });

  it("leaves no step when its type is set back by hand", async () => {
    await assay.choose("Type of price", "text");
    await reads("price", "1.20, +0017, $1,200.50, 1.10");
    await assay.notice("price is now: Text");
    await assay.choose("Type of price", "number");
    await reads("price", "1.10 to 1,200");
    await assay.notice("price is now: Number");
    await assay.ready("clean");
    assert.equal(await assay.main.locator("[data-role=applied] .step").count(), 0, "as if undone");
    await assay.ready("data");
  });

  it("has a decimal sign of its own, which can be taken back", async () => {
    const form = assay.page.locator("[data-role=reading]");
    if ((await form.getAttribute("open")) === null) await form.locator("> summary").click();
    const own = assay.page.locator("[data-role=own-readings]");
    await own.getByLabel("Column", { exact: true }).selectOption("rate");
    await own.getByLabel("Is read as").selectOption("Decimal comma: 1.234 is over a thousand");
    await own.getByRole("button", { name: "Read this column so" }).click();
    await reads("rate", "1,234 to 4,567");
    await own.getByText("rate is read as: Decimal comma").waitFor();
    await own.getByRole("button", { name: "Take back" }).click();
    await reads("rate", "1.23 to 4.57");
    assert.deepEqual(assay.problems, []);
  });
});

describe("a table of very many columns", () => {
  it("lists the first of them and the others when asked", async () => {
    const names = Array.from({ length: 130 }, (_, i) => `c${i}`);
    const rows = Array.from({ length: 5 }, (_, r) => names.map((_, i) => r + i).join(","));
    await opened("wide.csv", [names.join(","), ...rows].join("\n") + "\n", "5 × 130");
    assert.equal(await assay.page.locator("tr[data-column]").count(), 100);
    await assay.page.getByRole("button", { name: "Show the other 30 columns" }).click();
    assert.equal(await assay.page.locator("tr[data-column]").count(), 130);
  });
});
