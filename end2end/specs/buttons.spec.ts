/** Every button that acts says what happened. */
import type { Page } from "@playwright/test";
import { accountMenu } from "../support/account-menu";
import type { Person } from "../support/person";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";
import { populate, PUBLIC_PAGES, signedInPages } from "../support/workspace";

/** How a person sees that a button worked, as the specs of the pages test it. A button that is not listed here fails this spec. */
const FEEDBACK: [name: RegExp, feedback: string][] = [
  [/^Copy\b/, "the button's own word, in a live region too"],
  [/^(Star|Unstar) /, "a toast, and the pressed state"],
  [/^(Save changes|Save|Create variable|Delete variable)$/, "a toast"],
  [/^(Create workspace|Delete workspace)$/, "a toast on the next page"],
  [/^Change password$/, "a banner"],
  [/^(Create account|Sign in)$/, "the next page"],
  [/^Create key$/, "the key"],
  [/^Remove /, "the tag is gone"],
  [/^Delete /, "a dialog that asks, then a toast"],
  [/^(Close|Cancel|Done)$/, "the dialog is gone"],
  [/^(Show|Hide)$/, "the password, and the button's own word"],
  [/^Show runs$/, "the list, and its number in a live region"],
  [/^(System|Light|Dark)$/, "the theme, and the pressed state"],
  [/^Keyboard shortcuts$/, "the dialog with the shortcuts"],
  [/^Sign out$/, "a banner on the sign-in page"],
];

/** Shows the dialogs and menus that no URL opens, one after another. */
async function* opened(page: Page, { runsPath, workspacePath }: Person): AsyncGenerator<void> {
  const open = async (path: string) => {
    await page.goto(path);
    await waitForHydration(page);
  };
  await open("/");
  await accountMenu(page).click();
  yield;
  await open(runsPath);
  await page.locator("summary", { hasText: "Filters" }).click();
  await expect(page.getByRole("dialog", { name: "Filters" })).toBeVisible();
  yield;
  await open(`${workspacePath}/settings`);
  await page.getByRole("button", { name: "Delete workspace" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  yield;
  await open("/my/api-keys");
  await page.getByRole("button", { name: /^Delete / }).first().click();
  await expect(page.getByRole("dialog")).toBeVisible();
  yield;
  await open("/my/api-keys");
  await page.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog", { name: "Create an API key" });
  await dialog.getByLabel("Name").fill("ci");
  yield;
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(page.getByRole("dialog", { name: "Copy your key now" })).toBeVisible();
  yield;
}

/** The names of the visible buttons. */
async function buttonsOf(page: Page): Promise<string[]> {
  const snapshot = await page.locator("body").ariaSnapshot();
  return [...snapshot.matchAll(/^\s*- button "(.*?)"(?: \[[a-z]+(?:=\w+)?\])*:?$/gm)].flatMap(([, name]) => name || []);
}

test("each button of every page, dialog and menu has a known feedback", async ({ page, person, signedIn, browser, provost }) => {
  test.setTimeout(120_000);
  const visitor = await (await browser.newContext({ baseURL: provost.url })).newPage();
  const visits = [
    ...signedInPages(await populate(person)).map(({ path }) => ({ page, path })),
    ...PUBLIC_PAGES.map(({ path }) => ({ page: visitor, path })),
  ];
  const buttons = new Set<string>();
  const read = async (page: Page) => (await buttonsOf(page)).forEach((button) => buttons.add(button));
  for (const { page, path } of visits) {
    await page.goto(path);
    await read(page);
  }
  for await (const _ of opened(page, person)) await read(page);
  expect(buttons.size, "the buttons are read").toBeGreaterThan(25);
  const isKnown = (button: string) => FEEDBACK.some(([name]) => name.test(button));
  expect([...buttons].filter((button) => !isKnown(button))).toEqual([]);
  const isUsed = ([name]: [RegExp, string]) => [...buttons].some((button) => name.test(button));
  expect(FEEDBACK.filter((row) => !isUsed(row)).map(([name]) => name.source), "each row is of a button").toEqual([]);
});

test("signing out says so on the sign-in page, once", async ({ page, signedIn }) => {
  await page.goto("/");
  await waitForHydration(page);
  await accountMenu(page).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  const banner = page.getByRole("status").filter({ hasText: "You’re signed out." });
  await expect(banner).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(banner).toBeHidden();
});

test("toasts cover nothing of the navigation", async ({ page, person, signedIn }) => {
  for (const width of [1280, 800]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`${person.workspacePath}/settings`);
    await waitForHydration(page);
    await page.getByLabel("Description").fill(`Ships at ${width} px`);
    await page.getByRole("button", { name: "Save changes" }).click();
    const toast = page.locator(".toast");
    await expect(toast).toHaveText("Workspace saved");
    const rail = await page.getByRole("complementary").boundingBox();
    const box = await toast.boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(rail?.width ?? width);
  }
});
