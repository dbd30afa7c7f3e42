/** A person who has only a keyboard: nothing is clicked, and no script moves the focus or fills in a field. */
import { expect, type Page } from "@playwright/test";

type Role = Parameters<Page["getByRole"]>[0];

/** More Tab stops than any page has. */
const MOST_STOPS = 80;

export class KeyboardUser {
  constructor(private readonly page: Page) {}

  /** Presses Tab, or Shift+Tab, until the control has the focus. On the way the focus never leaves the page. */
  async tabTo(role: Role, name: string | RegExp, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
    const target = this.page.getByRole(role, { name, exact: true });
    await expect(target).toBeVisible();
    for (let stop = 0; stop < MOST_STOPS; stop++) {
      if (await target.evaluate((element) => element === document.activeElement)) {
        await expect(target, "a person sees what has the focus").toBeInViewport();
        return;
      }
      await this.page.keyboard.press(key);
      const inPage = await this.page.evaluate(() => document.activeElement !== document.body);
      expect(inPage, `${key} leaves the page before it reaches the ${role} ${name}`).toBe(true);
    }
    throw new Error(`${key} does not reach the ${role} ${name}`);
  }

  /** Goes to the control and presses Enter. */
  async enter(role: Role, name: string | RegExp, key?: "Tab" | "Shift+Tab"): Promise<void> {
    await this.tabTo(role, name, key);
    await this.page.keyboard.press("Enter");
  }

  /** Goes to the field and types. */
  async type(name: string, text: string): Promise<void> {
    await this.tabTo("textbox", name);
    await this.page.keyboard.type(text);
  }

  /** Waits until the focus is on the element with this role and name; on `body` it has neither. */
  async expectFocus(role: Role, name: string | RegExp): Promise<void> {
    const focused = this.page.locator(":focus");
    await expect(focused).toHaveAccessibleName(name);
    await expect(focused).toHaveRole(role);
  }
}
