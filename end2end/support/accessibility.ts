/** What every page owes to its readers, whatever it shows. */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** By day and by night: no grave finding of axe, and nothing beyond the right edge. */
export async function expectGoodLooks(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "light" });
  await expectNoGraveFinding(page, new AxeBuilder({ page }));
  await page.emulateMedia({ colorScheme: "dark" });
  // The theme changes colours and nothing else.
  await expectNoGraveFinding(page, new AxeBuilder({ page }).withRules(["color-contrast", "link-in-text-block"]));
  await page.emulateMedia({ colorScheme: null });
  await expectNoSideways(page);
}

async function expectNoGraveFinding(page: Page, axe: AxeBuilder): Promise<void> {
  // In one piece: there are no frames, and a second page for each look is slow.
  const { violations } = await axe.setLegacyMode().analyze();
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const said = grave.map(({ id, nodes }) => [id, ...nodes.map((node) => `${node.html} ${node.failureSummary}`)]);
  expect(said, `axe on ${page.url()}`).toEqual([]);
}

async function expectNoSideways(page: Page): Promise<void> {
  const { needs, has } = await page.evaluate(() => {
    const root = document.documentElement;
    return { needs: root.scrollWidth, has: root.clientWidth };
  });
  expect(needs, `width of ${page.url()}`).toBeLessThanOrEqual(has);
}
