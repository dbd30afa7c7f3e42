/** Pages without a mouse. */
import type { Locator, Page } from "@playwright/test";
import { accountMenu } from "../support/account-menu";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

test("a key is created and deleted by keyboard only", async ({ page, signedIn }) => {
  await page.goto("/my/api-keys");
  await waitForHydration(page);
  const create = page.getByRole("button", { name: "Create key" });

  await tabTo(page, create);
  await page.keyboard.press("Enter");
  const createDialog = page.getByRole("dialog", { name: "Create an API key" });
  await expect(createDialog.getByLabel("Name")).toBeFocused();
  await expectFocusStaysIn(page, createDialog);
  await page.keyboard.press("Escape");
  await expect(createDialog).toBeHidden();
  await expect(create).toBeFocused();

  await page.keyboard.press("Enter");
  await expect(createDialog.getByLabel("Name")).toBeFocused();
  await page.keyboard.type("by hand");
  await page.keyboard.press("Enter");
  const copyDialog = page.getByRole("dialog", { name: "Copy your key now" });
  await expect(copyDialog).toBeVisible();
  await expectFocusStaysIn(page, copyDialog);
  for (let press = 0; press < 3; press++) await page.keyboard.press("Escape");
  await expect(copyDialog).toBeVisible();
  await tabTo(page, copyDialog.getByLabel("I’ve saved the key"));
  await page.keyboard.press("Space");
  await tabTo(page, copyDialog.getByRole("button", { name: "Done" }));
  await page.keyboard.press("Enter");
  await expect(copyDialog).toBeHidden();

  await tabTo(page, page.getByRole("button", { name: "Delete by hand" }));
  await page.keyboard.press("Enter");
  const deleteDialog = page.getByRole("dialog", { name: "Delete by hand?" });
  await expect(deleteDialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await tabTo(page, deleteDialog.getByRole("button", { name: "Delete key" }));
  await page.keyboard.press("Enter");
  await expect(page.getByText("by hand", { exact: true })).toBeHidden();
});

test("first Tab stop skips to the page, then in reading order", async ({ page, signedIn }) => {
  await page.goto("/");
  await waitForHydration(page);
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: /all workspaces/i })).toBeFocused();

  await skip.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Create workspace" })).toBeFocused();
});

test("account menu opens, closes on Esc and restores focus", async ({ page, signedIn }) => {
  await page.goto("/");
  await waitForHydration(page);
  const menu = accountMenu(page);
  await tabTo(page, menu);
  await page.keyboard.press("Enter");
  const keys = page.getByRole("link", { name: "API keys" });
  await expect(keys).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(keys).toBeHidden();
  await expect(menu).toBeFocused();
});

test("filters trap focus and restore it when closed", async ({ page, person, signedIn }) => {
  await page.goto(person.runsPath);
  await waitForHydration(page);
  const opener = page.locator("summary", { hasText: "Filters" });
  const sheet = page.getByRole("dialog", { name: "Filters" });
  await tabTo(page, opener);
  await page.keyboard.press("Enter");
  await expect(sheet.getByLabel("When")).toBeFocused();
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

test("the whole row shows the focus of its link", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "Tides" });
  await client.finish(run);
  await page.goto(person.runsPath);
  await waitForHydration(page);
  const link = page.getByRole("link", { name: new RegExp(run.name) });
  const row = page.getByRole("list", { name: "Flow runs" }).getByRole("listitem");
  await tabTo(page, link);
  const ring = (element: Locator) => element.evaluate((element) => {
    const { outlineStyle, outlineWidth, outlineOffset, boxShadow } = getComputedStyle(element);
    return { outlineStyle, outlineWidth, outlineOffset, boxShadow };
  });
  const inside = { outlineStyle: "solid", outlineWidth: "2px", outlineOffset: "-2px", boxShadow: "none" };
  expect(await ring(row)).toEqual(inside);
  expect(await ring(link)).toMatchObject({ outlineStyle: "none", boxShadow: "none" });
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: run.name })).toBeVisible();
});

/** More Tab stops than any page has. */
const MOST_STOPS = 80;

async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${target}`);
}

/** Tabs through the dialog more than once. Between the last and the first stop the browser's own controls have focus. */
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
