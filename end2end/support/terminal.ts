/** The dark blocks of commands and code, as they are copied. */
import type { Locator, Page } from "@playwright/test";

/** The text of the terminal with this title, folded away or not. */
export async function textOf(where: Page | Locator, title: string): Promise<string> {
  const head = where.locator(".term .bar2 .grow").getByText(title, { exact: true });
  return (await head.locator("xpath=ancestor::*[contains(@class, 'term')]//pre").textContent()) ?? "";
}
