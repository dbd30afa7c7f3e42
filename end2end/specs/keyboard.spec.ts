/** Without a pointer. */
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../house/test";
import { hydrated } from "../house/watch";

test("a key is made and deleted by keyboard alone", async ({ page, signedIn }) => {
  await page.goto("/my/api-keys");
  await hydrated(page);
  const create = page.getByRole("button", { name: "Create key" });

  await tabTo(page, create);
  await page.keyboard.press("Enter");
  const making = page.getByRole("dialog", { name: "Create an API key" });
  await expect(making.getByLabel("Name")).toBeFocused();
  await expectFocusStaysIn(page, making);
  await page.keyboard.press("Escape");
  await expect(making).toBeHidden();
  await expect(create).toBeFocused();

  await page.keyboard.press("Enter");
  await expect(making.getByLabel("Name")).toBeFocused();
  await page.keyboard.type("by hand");
  await page.keyboard.press("Enter");
  const made = page.getByRole("dialog", { name: "Copy your key now" });
  await expect(made).toBeVisible();
  await expectFocusStaysIn(page, made);
  for (let press = 0; press < 3; press++) await page.keyboard.press("Escape");
  await expect(made).toBeVisible();
  await tabTo(page, made.getByLabel("I’ve stored it"));
  await page.keyboard.press("Space");
  await tabTo(page, made.getByRole("button", { name: "Done" }));
  await page.keyboard.press("Enter");
  await expect(made).toBeHidden();

  await tabTo(page, page.getByRole("button", { name: "Delete by hand" }));
  await page.keyboard.press("Enter");
  const deleting = page.getByRole("dialog", { name: "Delete by hand?" });
  await tabTo(page, deleting.getByRole("button", { name: "Delete key" }));
  await page.keyboard.press("Enter");
  await expect(page.getByText("by hand", { exact: true })).toBeHidden();
});

test("the first stop skips to the page, the next are in the order of reading", async ({ page, signedIn }) => {
  await page.goto("/");
  await hydrated(page);
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the page" });
  await expect(skip).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: /all workspaces/i })).toBeFocused();

  await skip.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Create workspace" })).toBeFocused();
});

test("the account menu opens, closes on Esc and gives focus back", async ({ page, signedIn }) => {
  await page.goto("/");
  await hydrated(page);
  const menu = page.locator("summary[aria-label^='Account menu']:visible");
  await tabTo(page, menu);
  await page.keyboard.press("Enter");
  const keys = page.getByRole("link", { name: "API keys" });
  await expect(keys).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(keys).toBeHidden();
  await expect(menu).toBeFocused();
});

test("the filters keep focus inside, close on Esc, cross and Cancel, and give focus back", async ({ page, person, signedIn }) => {
  await page.goto(person.runs);
  await hydrated(page);
  const opener = page.locator("summary", { hasText: "Filters" });
  const sheet = page.getByRole("dialog", { name: "Filters" });
  await tabTo(page, opener);
  await page.keyboard.press("Enter");
  await expect(sheet.getByLabel("Failed")).toBeVisible();
  await expectFocusStaysIn(page, sheet);
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await expect(opener).toBeFocused();
  for (const name of ["Close", "Cancel"]) {
    await page.keyboard.press("Enter");
    await tabTo(page, sheet.getByRole("button", { name }));
    await page.keyboard.press("Enter");
    await expect(sheet).toBeHidden();
    await expect(opener).toBeFocused();
  }
});

/** No page has more stops than this. */
const MOST_STOPS = 80;

async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${target}`);
}

/** Around it more than once, never into the page below. Between last and first the browser's own controls have focus. */
async function expectFocusStaysIn(page: Page, dialog: Locator): Promise<void> {
  const stops = await dialog.locator("a, button, input, select, textarea, summary, [tabindex]").count();
  for (let stop = 0; stop < 2 * stops + 2; stop++) {
    await page.keyboard.press("Tab");
    const inside = await dialog.evaluate(
      (dialog) => dialog.contains(document.activeElement) || document.activeElement === document.body,
    );
    expect(inside, `stop ${stop}`).toBe(true);
  }
}
