// Bad input, each kind once: a clear notice or a sensible page, what was open stays open, nothing breaks.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { join } from "node:path";
import { Assay } from "./page.mjs";
import { file, root, start } from "./support.mjs";

let site;
let assay;
const GOOD = "age,gender,Clicks,Spent,Purchases\n" +
  Array.from({ length: 60 }, (_, i) => `${["30-34", "35-39", "40-44"][i % 3]},${"MF"[i % 2]},${10 + (i * 7) % 41},${(5 + (i * 3) % 29) / 2},${i % 5}`).join("\n") + "\n";

before(async () => {
  site = await start();
  assay = await Assay.open(site);
  await assay.open(file("good.csv", GOOD));
});
after(() => site?.stop());

/** Nothing broke on the page or in the console; forgets what was noted. */
async function sound(of = assay, { allow } = {}) {
  assert.deepEqual(await of.broken(), [], "no figure broke");
  const problems = of.problems.splice(0).filter((p) => !allow?.test(p));
  assert.deepEqual(problems, [], "no error");
}

/** A file that cannot be a table: a notice says so, the open table stays. */
async function refused(name, bytes, words) {
  await assay.open(file("good.csv", GOOD));
  await assay.drop(file(name, bytes));
  const notice = await assay.notice(words);
  assert.match(notice, words);
  assert.ok(notice.length > 40, `it says what to try: ${notice}`);
  assert.equal(await assay.size(), "60 × 5", "the table that was open is still open");
  assert.equal(await assay.fileName(), "good.csv");
  await assay.go("clean");
  await assay.ready("clean");
  await assay.go("data");
  await sound();
}

/** A file that is odd but a table: it opens, and every page bears it. */
async function opened(name, bytes, size, words) {
  await assay.drop(file(name, bytes));
  await assay.page.waitForFunction(
    (size) => document.querySelector("[data-role=table-size]")?.textContent.replaceAll(/\s/g, " ") === size,
    size,
  );
  await assay.loaded();
  if (words) await assay.reads(words);
  await sound();
}

/** Walks the suggested way and looks at every page. */
async function walked() {
  await assay.walk();
  await assay.drawn();
  for (const slug of ["clean", "features", "explore", "model", "segment", "decide", "runs", "report"]) {
    await assay.go(slug);
    await assay.settled();
    await sound();
  }
}

/** A row of the receipt's list of issues. */
const issue = (words) => assay.main.locator(".issue").filter({ hasText: words }).first();

describe("files that are no tables", () => {
  it("an empty file", () => refused("empty.csv", "", /empty/i));
  it("only spaces and line ends", () => refused("blank.csv", "  \n\n \n", /empty|no rows|nothing/i));
  it("a PNG renamed .csv", () =>
    refused("picture.csv", Buffer.concat([Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), Buffer.alloc(2000, 7)]), /PNG|not a table|picture|image/i));
  it("an archive renamed .csv", () => refused("book.csv", Buffer.concat([Buffer.from("504b0304", "hex"), Buffer.alloc(500, 3)]), /zip|Excel|workbook|not a table/i));
});

describe("odd tables", () => {
  it("a header only", async () => {
    await assay.open(file("good.csv", GOOD));
    await assay.drop(file("header.csv", "age,gender,Clicks\n"));
    await Promise.race([
      assay.notice(/no rows|only a header|header/i),
      assay.page.waitForFunction(() => document.querySelector("[data-role=table-size]")?.textContent.startsWith("0")),
    ]);
    await sound();
  });

  it("one column", async () => {
    await opened("one.csv", "value\n" + Array.from({ length: 40 }, (_, i) => i * 1.5).join("\n") + "\n", "40 × 1");
    await walked();
  });

  it("no header", async () => {
    await opened("bare.csv", "30-34,12,5.5\n35-39,20,9.5\n40-44,31,7\n", "3 × 3", /None|made up/i);
  });

  it("ragged rows", async () => {
    await opened("ragged.csv", "a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n", "4 × 3").catch(async () => {
      // Rows may also be skipped; then the receipt says which.
      await assay.reads(/left out/);
    });
    await assay.reads(/fewer|more|short|long|left out/i);
    await sound();
  });

  it("2,000 columns", async () => {
    const names = Array.from({ length: 2000 }, (_, i) => `c${i}`);
    const rows = Array.from({ length: 50 }, (_, r) => names.map((_, i) => ((r * 31 + i * 17) % 97) / 3).join(","));
    await opened("wide.csv", [names.join(","), ...rows].join("\n") + "\n", "50 × 2,000");
    await assay.go("clean");
    await assay.ready("clean");
    await assay.go("explore");
    await assay.ready("explore");
    await sound();
  });

  it("NUL bytes", async () => {
    const bytes = Buffer.from("a,b\n1,2\n3,x\0y\n5,6\n");
    await assay.drop(file("nul.csv", bytes));
    await Promise.race([
      assay.page.waitForFunction(() => document.querySelector(".file-chip__name")?.textContent === "nul.csv"),
      assay.notice(/NUL|not a table|text/i),
    ]);
    await sound();
  });

  it("UTF-16", async () => {
    const text = "\ufeffStadt;Umsatz\nKöln;1,5\nMünchen;2,5\nŁódź;3,5\n";
    await opened("utf16.csv", Buffer.from(text, "utf16le"), "3 × 2");
    await assay.reads(/UTF-16/);
    await assay.reads(/Łódź/);
    const bigEndian = Buffer.from(text, "utf16le").swap16();
    await opened("utf16be.csv", bigEndian, "3 × 2");
    await assay.reads(/München/);
    await sound();
  });

  it("Windows-1252", async () => {
    const bytes = Buffer.from("Stadt;Preis €\nKöln;1\nMünchen;2\n".replaceAll("€", "\x80"), "latin1");
    await opened("ansi.csv", bytes, "2 × 2");
    await assay.reads(/Windows-1252/i);
    await assay.reads(/München/);
    await assay.reads(/Preis €/);
    await sound();
  });

  it("an unclosed quote at the end", async () => {
    await assay.drop(file("quote.csv", 'a,b\n1,"x"\n2,"y\n3,z\n'));
    await assay.page.waitForFunction(() => document.querySelector(".file-chip__name")?.textContent === "quote.csv");
    await assay.loaded();
    await issue(/quot/i).waitFor();
    await sound();
  });

  it("duplicate and empty names in the header", async () => {
    await opened("names.csv", "a,a,,b,\n1,2,3,4,5\n6,7,8,9,10\n", "2 × 5");
    const names = await assay.main.locator("tr[data-column]").evaluateAll((rows) => rows.map((r) => r.dataset.column));
    assert.equal(new Set(names).size, 5, `every column has a name of its own: ${names}`);
    assert.ok(names.every(Boolean), "no name is empty");
    await assay.main.locator(".issue").first().waitFor();
    await sound();
  });

  it("names and cells that look like markup", async () => {
    await opened("markup.csv", '<img src=x onerror=alert(1)>,"a""b",</script>\n<b>1</b>,2,3\n<script>x</script>,4,5\n', "2 × 3");
    assert.equal(await assay.main.locator("img, script").count(), 0);
    await assay.reads("<img src=x onerror=alert(1)>");
    await assay.go("report");
    await assay.drawn();
    assert.doesNotMatch((await assay.save(/^Download report/)).bytes.toString(), /<img src=x|<script>x/);
    await sound();
  });

  it("a column of missing values alone", async () => {
    await opened("hollow.csv", "a,empty,b\n" + Array.from({ length: 30 }, (_, i) => `${i},${i % 2 ? "NA" : ""},${(i * 7) % 11}`).join("\n") + "\n", "30 × 3");
    await walked();
  });

  it("a target with one value", async () => {
    await opened("flat.csv", "Clicks,Spent,Purchases\n" + Array.from({ length: 40 }, (_, i) => `${i + 1},${i * 2},3`).join("\n") + "\n", "40 × 3");
    await assay.go("model");
    const targets = assay.main.getByLabel("Predict", { exact: true });
    await targets.or(assay.main.locator(".notice, [role=alert]")).first().waitFor();
    if (await targets.count()) {
      const options = await targets.locator("option").allTextContents();
      if (options.includes("Purchases")) {
        await targets.selectOption("Purchases");
        await assay.main.getByRole("button", { name: /^Train/ }).click();
        await assay.notice(/nothing to predict|same|constant|one value/i);
      }
    }
    await sound();
  });

  it("more features than rows", async () => {
    const names = Array.from({ length: 30 }, (_, i) => `x${i}`);
    const rows = Array.from({ length: 12 }, (_, r) => [...names.map((_, i) => ((r + 1) * (i + 3) * 7919) % 101), r * r].join(","));
    await opened("short.csv", [[...names, "y"].join(","), ...rows].join("\n") + "\n", "12 × 31");
    await walked();
  });

  it("perfectly collinear columns", async () => {
    const rows = Array.from({ length: 60 }, (_, i) => `${i},${2 * i},${3 * i + 1},${(i * 37) % 23}`);
    await opened("twins.csv", `a,b,c,y\n${rows.join("\n")}\n`, "60 × 4");
    await walked();
    await assay.ready("model");
    assert.ok((await assay.table("Scores of the models")).length > 5);
  });

  it("k larger than the rows", async () => {
    await opened("few.csv", "x,y\n1,2\n5,1\n9,7\n2,8\n", "4 × 2");
    await walked();
    await assay.ready("segment");
    await assay.enter("Segments from", 8);
    await assay.enter("to", 12);
    await assay.main.getByRole("button", { name: /^Find segments$/ }).click();
    await assay.settled();
    assert.match(await assay.text(), /too few rows|fewer|4 rows/i);
    await sound();
  });
});

describe("recipes that do not fit", () => {
  const recipe = (edit) => {
    const text = JSON.stringify(edit(JSON.parse(good)));
    return text;
  };
  let good;
  before(async () => {
    await assay.open(file("good.csv", GOOD));
    await assay.go("report");
    good = (await assay.save(/^Save Recipe/)).bytes.toString();
  });

  const kept = async (words) => {
    await assay.notice(words);
    assert.equal(await assay.size(), "60 × 5", "the table is as it was");
    await assay.drawn();
    await sound();
  };

  it("broken JSON", async () => {
    await assay.loadRecipe(good.slice(0, good.length / 2));
    await kept(/cannot be read/i);
  });

  it("dropped before there is a table: it waits for its file", async () => {
    const visit = await Assay.open(site);
    await visit.dropBytes(Buffer.from(good), "recipe.json");
    await visit.notice(/waits for its file/);
    await visit.open(file("good.csv", GOOD));
    await visit.notice(/recipe is in use/i);
    assert.deepEqual(visit.problems, []);
    await visit.close();
  });

  it("JSON that is no recipe", async () => {
    await assay.loadRecipe('{"hello": [1, 2, 3]}');
    await kept(/cannot be read/i);
  });

  it("of a newer version", async () => {
    await assay.loadRecipe(recipe((r) => {
      const key = Object.keys(r).find((k) => /version/.test(k));
      assert.ok(key, `a recipe has a version: ${Object.keys(r)}`);
      return { ...r, [key]: 9999 };
    }));
    await kept(/newer/i);
  });

  it("for other columns", async () => {
    const binary = ["release", "debug"].map((p) => join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), p, "assay"));
    let other;
    for (const path of binary) {
      try {
        const csv = file("customers.csv", execFileSync(path, ["sample", "customers"], { maxBuffer: 1e8 }));
        const out = join(csv, "../other");
        execFileSync(path, ["run", csv, "--out", out], { stdio: "ignore" });
        other = readFileSync(join(out, "recipe.json"), "utf8");
        break;
      } catch {
        // The next one, if there is one.
      }
    }
    if (!other) {
      const visit = await Assay.open(site);
      await visit.sample("Customers");
      await visit.walk();
      other = (await visit.save(/^Save Recipe/)).bytes.toString();
      await visit.close();
    }
    await assay.loadRecipe(other);
    await assay.notice(/could not be carried out|other columns/i);
    assert.equal(await assay.fileName(), "good.csv");
    for (const slug of ["clean", "features", "model", "segment", "decide"]) {
      await assay.go(slug);
      await assay.settled();
      await sound();
    }
  });
});

describe("trouble while it works", () => {
  it("a second file dropped while the first is read", async () => {
    const big = "a,b,c,d\n" + Array.from({ length: 200_000 }, (_, i) => `${i},${i % 7},${i % 11},x${i % 13}`).join("\n") + "\n";
    await assay.dropBytes(Buffer.from(big), "first.csv");
    await assay.dropBytes(Buffer.from("p,q\n1,2\n3,4\n"), "second.csv");
    await assay.page.waitForFunction(() => document.querySelector(".file-chip__name")?.textContent === "second.csv");
    await assay.loaded();
    assert.equal(await assay.size(), "2 × 2", "the last one wins");
    await sound();
  });

  it("a second file dropped while the suggested way is walked", async () => {
    const visit = await Assay.open(site);
    await visit.sample("Customers");
    await visit.page.getByRole("button", { name: "Run the suggested way" }).click();
    await visit.page.locator(".way-bar").waitFor();
    await visit.drop(file("good.csv", GOOD));
    await visit.page.waitForFunction(() => document.querySelector(".file-chip__name")?.textContent === "good.csv");
    await visit.loaded();
    assert.equal(await visit.size(), "60 × 5");
    await visit.walk();
    await visit.ready("model");
    await sound(visit);
    await visit.close();
  });

  for (const [what, stub] of [
    ["forbidden", "Object.defineProperty(globalThis, 'indexedDB', { get() { throw new DOMException('The operation is insecure.', 'SecurityError'); } });" +
      "Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } });"],
    ["missing", "Object.defineProperty(globalThis, 'indexedDB', { get() { return undefined; } });"],
    ["broken", "IDBFactory.prototype.open = () => { throw new DOMException('no', 'InvalidStateError'); };"],
    ["full", "IDBObjectStore.prototype.put = () => { throw new DOMException('The quota has been exceeded.', 'QuotaExceededError'); };"],
  ]) {
    it(`storage ${what}`, async () => {
      const visit = await Assay.open(site, { init: stub });
      await visit.sample("Ads");
      await visit.walk();
      await visit.go("runs");
      await visit.notice(/stor|kept|room/i);
      assert.equal(await visit.main.locator("tr[data-run]").count(), 2, "the runs are there as long as the page is");
      await visit.go("report");
      await visit.drawn();
      await sound(visit);
      await visit.close();
    });
  }

  const watchWorkers = `
    globalThis.workers = [];
    globalThis.Worker = class extends Worker {
      constructor(...args) { super(...args); globalThis.workers.push(this); }
    };`;
  const kill = (visit, which) =>
    visit.page.evaluate((which) => {
      const worker = globalThis.workers.at(which);
      worker.terminate();
      worker.dispatchEvent(new ErrorEvent("error", { message: "out of memory" }));
    }, which);

  it("the worker that holds the table dies, idle", async () => {
    const visit = await Assay.open(site, { init: watchWorkers });
    await visit.sample("Ads");
    const size = await visit.size();
    await kill(visit, 0);
    await visit.notice(/ended unexpectedly/);
    assert.equal(await visit.size(), size);
    await visit.loaded();
    await visit.walk();
    await visit.drawn();
    await sound(visit);
    await visit.close();
  });

  it("the worker that holds the table dies at the first question of the way", async () => {
    const visit = await Assay.open(site, { init: watchWorkers });
    await visit.sample("Ads");
    await visit.ready("explore");
    await visit.go("data");
    // In one go: no answer comes before both are done.
    await visit.page.getByRole("button", { name: "Run the suggested way" }).evaluate(async (button) => {
      button.click();
      await Promise.resolve();
      const worker = globalThis.workers[0];
      worker.terminate();
      worker.dispatchEvent(new ErrorEvent("error", { message: "out of memory" }));
    });
    await visit.loaded();
    assert.match(await visit.message.innerText(), /ended unexpectedly/, "what happened is not replaced by what came of it");
    await visit.hush();
    await visit.walk();
    await sound(visit);
    await visit.close();
  });

  it("the worker that holds the table dies in the middle of the way", async () => {
    const visit = await Assay.open(site, { init: watchWorkers });
    // Large enough that the way takes a while; its first words come and go with the first frames.
    await visit.sample("Customers");
    // Beginning the way while the page still explores by itself would start that worker anew.
    await visit.ready("explore");
    await visit.go("data");
    const name = await visit.fileName();
    await visit.page.getByRole("button", { name: "Run the suggested way" }).click();
    await visit.page.locator(".way-bar").waitFor();
    await kill(visit, 0);
    await visit.notice(/ended unexpectedly/);
    assert.equal(await visit.fileName(), name);
    await visit.go("data");
    await visit.loaded();
    await visit.walk();
    await visit.ready("model");
    assert.ok((await visit.table("Scores of the models")).length > 5, "and everything works again");
    await sound(visit);
    await visit.close();
  });

  it("the worker dies while a file is read", async () => {
    const visit = await Assay.open(site, { init: watchWorkers });
    await visit.open(file("good.csv", GOOD));
    const big = "a,b,c,d\n" + Array.from({ length: 2_000_000 }, (_, i) => `${i},${i % 7},${i % 11},x${i % 13}`).join("\n") + "\n";
    await visit.dropBytes(Buffer.from(big), "big.csv");
    await kill(visit, 0);
    await visit.notice(/ended unexpectedly/);
    assert.equal(await visit.fileName(), "good.csv", "what was open stays open");
    await visit.open(file("good.csv", GOOD));
    await visit.walk();
    await sound(visit);
    await visit.close();
  });

  it("a worker of the pool dies while models train: its task is done again", async () => {
    const visit = await Assay.open(site, { init: watchWorkers });
    await visit.sample("Customers");
    await visit.page.getByRole("button", { name: "Run the suggested way" }).click();
    await visit.page.waitForFunction(() => /Comparing models/.test(document.querySelector(".way-bar")?.textContent ?? ""));
    await visit.page.waitForFunction(() => globalThis.workers.length > 1);
    await kill(visit, 1);
    await visit.at("report");
    await visit.ready("model");
    assert.equal((await visit.table("Scores of the models")).length, 6, "what predicts yes or no");
    await sound(visit);
    await visit.close();
  });

  it("stopping keeps what is open and leads on", async () => {
    const visit = await Assay.open(site);
    await visit.sample("Customers");
    await visit.page.getByRole("button", { name: "Run the suggested way" }).click();
    await visit.page.waitForFunction(() => /Comparing models/.test(document.querySelector(".way-bar")?.textContent ?? ""));
    await visit.page.locator(".way-bar").getByRole("button", { name: "Stop" }).click();
    await visit.page.locator(".way-bar").waitFor({ state: "detached" });
    await visit.go("model");
    await visit.settled();
    // Where models had been begun, the notice of the stop offers them again, too.
    await visit.main.getByRole("button", { name: /^Train/ }).first().click();
    await visit.table("Scores of the models");
    await visit.settled();
    await sound(visit);
    await visit.close();
  });

  it("steps that are applied and taken back in quick succession", async () => {
    const visit = await Assay.open(site);
    await visit.sample("Customers");
    await visit.walk();
    await visit.go("data");
    const size = await visit.size();
    for (let i = 0; i < 12; i++) await visit.page.keyboard.press(i % 2 ? "Control+Shift+z" : "Control+z");
    await visit.page.waitForFunction((s) => document.querySelector("[data-role=table-size]").textContent.replaceAll(/\s/g, " ") === s, size);
    for (const slug of ["1", "4", "5", "6", "7", "9", "2", "3", "8", "4"]) await visit.page.keyboard.press(slug);
    await visit.at("explore");
    await visit.ready("explore");
    await sound(visit);
    await visit.close();
  });
});
