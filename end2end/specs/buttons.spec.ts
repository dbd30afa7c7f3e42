/** Every button that acts says what happened. */
import { accountMenu } from "../support/account-menu";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";
import { populate, PUBLIC_PAGES, signedInPages } from "../support/workspace";

/** How a person sees that a button worked. Specs of the pages test each of these. */
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
  [/^(Close|Cancel)$/, "the dialog is gone"],
];

test("each button of every page has a known feedback", async ({ page, person, signedIn, browser, provost }) => {
  test.setTimeout(120_000);
  const visitor = await (await browser.newContext({ baseURL: provost.url })).newPage();
  const visits = [
    ...signedInPages(await populate(person)).map(({ path }) => ({ page, path })),
    ...PUBLIC_PAGES.map(({ path }) => ({ page: visitor, path })),
  ];
  const buttons = new Set<string>();
  for (const { page, path } of visits) {
    await page.goto(path);
    for (const [, name] of (await page.locator("body").ariaSnapshot()).matchAll(/^\s*- button "(.*?)"(?: \[[a-z]+(?:=\w+)?\])*:?$/gm)) {
      if (name) buttons.add(name);
    }
  }
  expect(buttons.size, "the buttons are read").toBeGreaterThan(15);
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
