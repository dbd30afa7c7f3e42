/** Menus by keyboard. */
import { accountMenu } from "../support/account-menu";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

test("arrow keys open the account menu and move the focus", async ({ page, signedIn }) => {
  await page.goto("/");
  await waitForHydration(page);
  const [keys, signIn] = ["API keys", "Sign-in"].map((name) => page.getByRole("link", { name, exact: true }));
  const signOut = page.getByRole("button", { name: "Sign out" });
  await accountMenu(page).focus();
  await page.keyboard.press("ArrowDown");
  await expect(keys).toBeFocused();
  for (const [key, focused] of [
    ["ArrowDown", signIn],
    ["ArrowUp", keys],
    ["ArrowUp", signOut],
    ["ArrowDown", keys],
    ["End", signOut],
    ["Home", keys],
  ] as const) {
    await page.keyboard.press(key);
    await expect(focused, key).toBeFocused();
  }
  await page.keyboard.press("Escape");
  await expect(keys).toBeHidden();
  await expect(accountMenu(page)).toBeFocused();
  await page.keyboard.press("Home");
  await expect(keys, "Home does not open it").toBeHidden();
  await page.keyboard.press("ArrowUp");
  await expect(signOut).toBeFocused();
});

test("a menu closes when the focus or a click leaves it", async ({ page, person, signedIn }) => {
  await page.goto("/");
  await waitForHydration(page);
  const keys = page.getByRole("link", { name: "API keys" });
  await accountMenu(page).click();
  await expect(keys).toBeVisible();
  await page.getByRole("heading", { level: 1 }).click();
  await expect(keys).toBeHidden();

  await accountMenu(page).focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Tab");
  await expect(keys).toBeHidden();

  await accountMenu(page).click();
  await page.getByRole("button", { name: "Dark" }).click();
  await expect(keys, "the theme can be compared").toBeVisible();
  await keys.click();
  await expect(page.getByRole("heading", { level: 1, name: "Your settings" })).toBeVisible();
  await expect(keys.and(page.locator(".pop a"))).toBeHidden();

  await person.client.createVariable("market_close", "17:30");
  await page.goto(person.variablesPath);
  await waitForHydration(page);
  const actions = page.locator("summary[aria-label='Actions for market_close']");
  await actions.focus();
  await page.keyboard.press("ArrowDown");
  await expect(page.locator(".pop a:visible").first()).toBeFocused();
});
