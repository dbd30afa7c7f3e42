/** Checks that every page must pass. */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** In light and dark theme: no serious or critical violation of axe in this part, and no horizontal overflow of the page. */
export async function expectAccessible(page: Page, part = "html"): Promise<void> {
  const axe = () => new AxeBuilder({ page }).include(part);
  await page.emulateMedia({ colorScheme: "light" });
  await expectNoSeriousViolation(page, axe());
  await page.emulateMedia({ colorScheme: "dark" });
  // The theme changes only colours.
  await expectNoSeriousViolation(page, axe().withRules(["color-contrast", "link-in-text-block"]));
  await page.emulateMedia({ colorScheme: null });
  await expectNoHorizontalOverflow(page);
}

async function expectNoSeriousViolation(page: Page, axe: AxeBuilder): Promise<void> {
  // Legacy mode: pages have no frames, and the second page that axe opens otherwise is slow.
  const { violations } = await axe.setLegacyMode().analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const details = serious.map(({ id, nodes }) => [id, ...nodes.map((node) => `${node.html} ${node.failureSummary}`)]);
  expect(details, `axe on ${page.url()}`).toEqual([]);
}

async function expectNoHorizontalOverflow(page: Page): Promise<void> {
  const { content, viewport } = await page.evaluate(() => {
    const root = document.documentElement;
    return { content: root.scrollWidth, viewport: root.clientWidth };
  });
  expect(content, `width of ${page.url()}`).toBeLessThanOrEqual(viewport);
}
