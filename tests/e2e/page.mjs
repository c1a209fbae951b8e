// The page as a person meets it: everything the tests know of roles, labels and hooks of the markup stands here.
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** Names of the steps with their slugs, in the order of the path. */
export const STEPS = {
  data: "Data", clean: "Clean", features: "Features", explore: "Explore", model: "Model",
  segment: "Segment", decide: "Decide", runs: "Runs", report: "Report",
};

/** What never belongs on a page: figures that broke. "Undefined" and "null" stand for it only where a figure would. */
const BROKEN = /\b(NaN|Infinity)\b|\[object Object\]|(^|[\t(=:] ?)[-−]?(inf|undefined|null)($|[\t),;%])/;

/** The lines of a text in which a figure broke. */
export function broken(text) {
  return text.split("\n").filter((line) => BROKEN.test(line));
}

/** Long enough for a slow machine: no test waits for time, only for signs, and gives up after this long. */
export const PATIENCE = Number(process.env.ASSAY_PATIENCE ?? 120_000);

/** Figures do not break across lines on the page; tests write plain spaces. */
const plain = (text) => text?.replaceAll("\u00a0", " ");

export class Assay {
  constructor(visit) {
    Object.assign(this, visit);
    this.page.setDefaultTimeout(PATIENCE);
    // Choosers are then caught from the start, not from the moment somebody waits for one.
    this.page.on("filechooser", () => {});
  }

  /** Opens the page as a fresh visitor. */
  static async open(site, options) {
    const assay = new Assay(await site.visit(options));
    await assay.main.waitFor();
    return assay;
  }

  get main() {
    return this.page.locator("main");
  }

  // --- the frame

  /** Goes to a step by its link in the path; on a phone by the sheet of steps. */
  async go(slug) {
    const link = () => this.page.getByRole("navigation", { name: "Steps" }).getByRole("link", { name: new RegExp(`^${STEPS[slug]}\\b`) });
    const all = this.page.getByRole("button", { name: /^All steps/ });
    if (await all.isVisible()) await all.click();
    await link().filter({ visible: true }).first().click();
    await this.at(slug);
  }

  /** Waits until a step is shown. */
  async at(slug) {
    await this.page.locator(`main[data-page="${slug}"]`).waitFor();
  }

  /** State of a step in the path: empty, ready, done (seen or made), stale, running, failed. */
  state(slug) {
    return this.page.locator(`.rail a[href="#/${slug}"]`).getAttribute("data-state");
  }

  /** Text of the present page as read. */
  async text() {
    return plain(await this.main.innerText());
  }

  /** Waits until the present page reads like this. */
  async reads(pattern, options) {
    await this.main.getByText(pattern).filter({ visible: true }).first().waitFor(options);
  }

  /** Waits for a notice (a toast, or a box on the page) that reads like this; gives its whole text. */
  async notice(pattern) {
    const box = this.page.locator(".notice, .toast, [role=alert], [role=status]").filter({ hasText: pattern }).filter({ visible: true }).first();
    await box.waitFor();
    return box.innerText();
  }

  /** The message that is shown: one at most. */
  get message() {
    return this.page.locator(".toast");
  }

  /** Closes every message; errors come back until each is closed. */
  async hush() {
    const close = this.page.getByRole("button", { name: "Close this message" });
    while (await close.count()) await close.first().click();
  }

  /** Words of the whole document that say that a figure broke. */
  async broken() {
    return broken(await this.page.locator("body").innerText());
  }

  // --- files

  /** Drops a file anywhere on the page, or on what a selector names. */
  async drop(path, { name = basename(path), target = "main" } = {}) {
    await this.dropBytes(readFileSync(path), name, target);
  }

  /** Drops several files at once. */
  async dropAll(paths) {
    await this.dropFiles(paths.map((path) => ({ bytes: readFileSync(path), name: basename(path) })));
  }

  async dropBytes(bytes, name, target = "main") {
    await this.dropFiles([{ bytes, name }], target);
  }

  async dropFiles(files, target = "main") {
    const transfer = await this.page.evaluateHandle(
      (files) => {
        const transfer = new DataTransfer();
        for (const { text, name } of files) {
          const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
          transfer.items.add(new File([bytes], name));
        }
        return transfer;
      },
      files.map(({ bytes, name }) => ({ text: Buffer.from(bytes).toString("base64"), name })),
    );
    for (const kind of ["dragenter", "dragover", "drop"]) {
      await this.page.locator(target).first().dispatchEvent(kind, { dataTransfer: transfer });
    }
    await transfer.dispose();
  }

  /** Picks a file with a button of the page. */
  async pick(path, name = /choose a file|Open another file/) {
    const chooser = this.page.waitForEvent("filechooser");
    await this.page.getByRole("button", { name }).first().click();
    await (await chooser).setFiles(path);
  }

  /** The place for files on the empty page. */
  get dropArea() {
    return this.page.getByRole("button", { name: /choose a file/ });
  }

  /** Waits until the table is open and its steps are suggested. */
  async loaded() {
    await this.main.locator('.page[data-ready="true"]').waitFor();
    await this.main.getByRole("heading", { name: "Data", level: 1 }).waitFor();
  }

  /** Drops a file and waits for its table. */
  async open(path) {
    await this.drop(path);
    await this.loaded();
  }

  async sample(name) {
    await this.page.getByRole("button", { name, exact: true }).click();
    await this.loaded();
  }

  /** Size of the open table as the top bar says it. */
  async size() {
    return (await this.page.locator("[data-role=table-size]").textContent()).replaceAll(/\s/g, " ");
  }

  async fileName() {
    return this.page.locator(".file-chip__name").textContent();
  }

  /** Value of a tile with a big figure. */
  async tile(label) {
    const tile = this.main.locator(".metric-tile").filter({ hasText: label }).first();
    return (await tile.innerText()).split("\n").map((l) => l.trim()).filter(Boolean);
  }

  /** Waits until a tile reads otherwise than before; gives what it reads. */
  async tileChanged(label, before) {
    await this.page.waitForFunction(
      ({ label, before }) => {
        const tile = [...document.querySelectorAll("main .metric-tile")].find((t) => t.innerText.includes(label));
        return tile && !tile.innerText.includes(before);
      },
      { label, before: before[1] },
    );
    return this.tile(label);
  }

  typeOf(column) {
    return this.main.getByLabel(`Type of ${column}`, { exact: true }).inputValue();
  }

  roleOf(column) {
    return this.main.getByLabel(`Role of ${column}`, { exact: true }).inputValue();
  }

  // --- the suggested way

  /** Walks the suggested way and waits until it is done: the report is shown. */
  async walk() {
    await this.page.getByRole("button", { name: "Run the suggested way" }).click();
    await this.at("report");
  }

  /** Waits until the report's preview is drawn. */
  async drawn() {
    await this.main.locator('.report__preview[data-ready="true"]').waitFor();
  }

  /** Waits until the results of a page are there and its charts drawn. */
  async ready(slug) {
    if ((await this.main.getAttribute("data-page")) !== slug) await this.go(slug);
    await this.page.waitForFunction(() => document.querySelector("main .page") && !document.querySelector('main .page[data-ready="false"]'));
    await this.settled();
  }

  /** Waits until nothing runs and every chart is drawn. */
  async settled() {
    await this.page.waitForFunction(
      () => !document.querySelector('main .chart[data-waiting="true"], main [role=progressbar], .way-bar, .path__link[data-state="running"]'),
    );
  }

  // --- Explore

  async tab(name) {
    await this.main.getByRole("tab", { name, exact: true }).click();
    await this.main.getByRole("tab", { name, exact: true, selected: true }).waitFor();
    await this.settled();
  }

  /** Rows of a table by the words of its caption: header first, cells as text. */
  async table(caption) {
    const table = this.main.getByRole("table", { name: caption }).first();
    await table.waitFor();
    return table.locator("tr").evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim())));
  }

  /** Opens the table beneath a chart and reads it. */
  async figures(chart) {
    const figure = this.main.locator(`figure[data-chart="${chart}"]`).first();
    const toggle = figure.getByRole("button", { name: "Table", exact: true });
    if ((await toggle.getAttribute("aria-expanded")) !== "true") await toggle.click();
    const table = figure.getByRole("table").first();
    await table.waitFor();
    return table.locator("tr").evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim())));
  }

  /** What a chart says of itself to those who do not see it. */
  alt(chart) {
    return this.main.locator(`figure[data-chart="${chart}"] [role=img]`).first().getAttribute("aria-label");
  }

  /** Every finding, as { topic, grade, sentence }: each grade's group is opened first. */
  async findings() {
    const more = this.main.getByRole("button", { name: /^Show \d+ more finding/ });
    while (await more.count()) await more.first().click();
    return this.shownFindings();
  }

  /** The findings that stand open. */
  shownFindings() {
    return this.main.locator("article.claim").evaluateAll((cards) =>
      cards.map((card) => ({
        id: card.dataset.claim,
        topic: card.querySelector(".claim__topic")?.textContent.trim(),
        grade: card.querySelector("[data-grade]")?.dataset.grade,
        sentence: card.querySelector(".claim__sentence")?.textContent.trim().replaceAll("\u00a0", " "),
      })),
    );
  }

  /** Chooses from a list by the words of its label. */
  async choose(label, option) {
    await this.main.getByLabel(label, { exact: true }).first().selectOption(option);
  }

  /** Types into a field and leaves it. */
  async enter(label, value) {
    const field = this.main.getByLabel(label, { exact: true }).first();
    await field.fill(String(value));
    await field.press("Enter");
    await field.blur();
  }

  /** Text of the report as previewed. */
  async paper() {
    return plain(await this.main.locator(".report__paper").evaluate((paper) => (paper.shadowRoot ?? paper).textContent));
  }

  // --- downloads

  /** Presses a button that saves a file; gives its name and bytes. */
  async save(name) {
    const [download] = await Promise.all([
      this.page.waitForEvent("download"),
      this.main.getByRole("button", { name }).first().click(),
    ]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  }

  /** Loads a recipe from text by the picker of the Report page. */
  async loadRecipe(text, name = "recipe.json") {
    if ((await this.main.getAttribute("data-page")) !== "report") await this.go("report");
    const chooser = this.page.waitForEvent("filechooser");
    await this.main.getByRole("button", { name: /^Load a recipe/ }).click();
    await (await chooser).setFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
  }
}

/** A number as the page writes it: "58,705.23", "14.9 %", "−3,046", "USD 1.20". */
export function figure(text) {
  const plain = text.replaceAll(",", "").replaceAll("−", "-").match(/-?\d+(\.\d+)?(e-?\d+)?/i);
  return plain ? Number(plain[0]) : Number.NaN;
}
