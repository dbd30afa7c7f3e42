/** The terminal blocks with commands and code. */
import type { Locator, Page } from "@playwright/test";

/** The text of the terminal block with this title, also if it is collapsed. */
export async function terminalText(container: Page | Locator, title: string): Promise<string> {
  const head = container.locator(".term .bar2 .grow").getByText(title, { exact: true });
  return (await head.locator("xpath=ancestor::*[contains(@class, 'term')]//pre").textContent()) ?? "";
}
