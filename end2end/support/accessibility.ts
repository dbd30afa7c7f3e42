/** Checks that every page must pass. */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** Rules of axe that it runs only if they are asked for: the size of what is tapped, and names that contain the visible words. */
const MORE_RULES = ["target-size", "label-content-name-mismatch"];

/** In light and dark theme: no violation of axe in this part, of any level, and no horizontal overflow of the page. */
export async function expectAccessible(page: Page, part = "html"): Promise<void> {
  const rules = Object.fromEntries(MORE_RULES.map((rule) => [rule, { enabled: true }]));
  await page.emulateMedia({ colorScheme: "light" });
  const all = new AxeBuilder({ page }).include(part).options({ rules, resultTypes: ["violations"] });
  await expectNoViolation(page, all);
  await page.emulateMedia({ colorScheme: "dark" });
  // The theme changes only colours. The document has axe's source already, which takes long to evaluate.
  const colors = new AxeBuilder({ page, axeSource: ";" }).include(part).withRules(["color-contrast", "link-in-text-block"]);
  await expectNoViolation(page, colors);
  await page.emulateMedia({ colorScheme: null });
  await expectNoHorizontalOverflow(page);
}

async function expectNoViolation(page: Page, axe: AxeBuilder): Promise<void> {
  // Legacy mode: pages have no frames, and the second page that axe opens otherwise is slow.
  const { violations } = await axe.setLegacyMode().analyze();
  const details = violations.map(({ id, nodes }) => [id, ...nodes.map((node) => `${node.html} ${node.failureSummary}`)]);
  expect(details, `axe on ${page.url()}`).toEqual([]);
}

async function expectNoHorizontalOverflow(page: Page): Promise<void> {
  const { content, viewport } = await page.evaluate(() => {
    const root = document.documentElement;
    return { content: root.scrollWidth, viewport: root.clientWidth };
  });
  expect(content, `width of ${page.url()}`).toBeLessThanOrEqual(viewport);
}
