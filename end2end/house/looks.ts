/** What every page owes to its readers, whatever it shows. */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const THEMES = ["light", "dark"] as const;

/** By day and by night: no grave finding of axe, and nothing beyond the right edge. */
export async function expectGoodLooks(page: Page): Promise<void> {
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme });
    expect(await graveFindings(page), `axe in ${colorScheme}, ${page.url()}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null });
  await expectNoSideways(page);
}

async function graveFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`)}`);
}

async function expectNoSideways(page: Page): Promise<void> {
  const { needs, has } = await page.evaluate(() => {
    const root = document.documentElement;
    return { needs: root.scrollWidth, has: root.clientWidth };
  });
  expect(needs, `width of ${page.url()}`).toBeLessThanOrEqual(has);
}
