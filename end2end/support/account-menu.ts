/** The account menu: its button is in the rail, or under 720 px in the top bar. */
import type { Locator, Page } from "@playwright/test";

export function accountMenu(page: Page): Locator {
  return page.locator("summary").filter({ hasText: "Account menu", visible: true });
}
