// The README's pictures, made from the built-in samples: ASSAY_PICTURES=1 node --test tests/e2e/pictures.test.mjs
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Assay } from "./page.mjs";
import { root, start } from "./support.mjs";

const folder = join(root, "docs/pictures");
const skip = process.env.ASSAY_PICTURES ? false : "only with ASSAY_PICTURES=1";

describe("pictures", { skip }, () => {
  let site;
  before(async () => {
    mkdirSync(folder, { recursive: true });
    site = await start();
  });
  after(() => site?.stop());

  const desktop = { width: 1440, height: 900 };
  const phone = { width: 390, height: 844 };
  const PICTURES = [
    ["explore-light", "Ads", "explore", desktop, async (assay) => {
      await assay.tab("Rates by segment");
      await assay.choose("Segment", "age");
      await assay.settled();
      await assay.main.getByRole("tablist").first().evaluate((e) => scrollTo(0, e.getBoundingClientRect().top + scrollY - 90));
    }],
    ["segment-phone-dark", "Customers", "segment", { ...phone, dark: true }, (assay) =>
      assay.main.locator("[data-section=segments], .segment-cards").first().evaluate((e) => scrollTo(0, e.getBoundingClientRect().top + scrollY - 90))],
    ["data-dark", "Customers", "data", { ...desktop, dark: true }, () => {}],
    ["decide-light", "Customers", "decide", desktop, () => {}],
  ];

  for (const [name, sample, slug, options, pose] of PICTURES) {
    it(name, async () => {
      const assay = await Assay.open(site, options);
      await assay.sample(sample);
      await assay.walk();
      await assay.ready(slug);
      await assay.hush();
      await pose(assay);
      await assay.page.mouse.move(0, 0);
      await assay.page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
      await assay.close();
    });
  }
});
