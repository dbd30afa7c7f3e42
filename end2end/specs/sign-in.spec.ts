/** Sign-in, sign-out and registration. */
import type { Page } from "@playwright/test";
import { accountMenu } from "../support/account-menu";
import { expectAccessible } from "../support/accessibility";
import { Person } from "../support/person";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

const WRONG = "not the right words";

test.describe("on a separate server, because attempts are counted by IP", () => {
  test.use({ baseURL: async ({ ownProvost }, use) => use(ownProvost.url) });

  test("wrong password and unknown email get the same error", async ({ page, ownProvost }) => {
    const person = await Person.create(ownProvost);
    for (const email of [person.email, "nobody@harbour.example"]) {
      await page.goto("/sign-in");
      expect(await attempt(page, email, WRONG)).toBe(200);
      await expect(page.getByText("The email or password is incorrect")).toBeVisible();
      await expect(page.getByLabel("Email")).toHaveValue(email);
    }
  });

  test("too many attempts show a waiting time", async ({ page, ownProvost, monitor }) => {
    monitor.allow(/429/);
    const person = await Person.create(ownProvost);
    const tooMany = page.getByText(/Too many attempts\. Try again in \d+ seconds/);
    await expect(async () => {
      await page.goto("/sign-in");
      expect(await attempt(page, person.email, WRONG)).toBe(429);
    }).toPass({ intervals: [0] });
    await expect(tooMany).toBeVisible();

    await page.goto("/sign-in");
    await expect(tooMany).toBeHidden();
    expect(await attempt(page, person.email, person.password), "the right password").toBe(429);
    await expect(tooMany).toBeVisible();
    await expectAccessible(page);
  });

  test("registration shows errors at the fields", async ({ page, ownProvost }) => {
    const person = await Person.create(ownProvost);
    await page.goto("/register");
    await page.getByLabel("Name", { exact: true }).fill("Somebody Else");
    await expect(page.getByLabel("Handle")).toHaveValue("somebody-else");
    await page.getByLabel("Email").fill(person.email);
    await page.getByLabel("Password").fill("short");
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page.getByLabel("Password")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByRole("alert")).toHaveText("Use at least 10 characters.");
    await page.getByLabel("Password").fill("long enough this time");
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page.getByLabel("Email")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByRole("alert")).toHaveText("This email already has an account. Sign in instead?");
    await expect(page.getByLabel("Email")).toBeFocused();
  });
});

test("a password can be shown, and a handle that makes itself isn’t optional", async ({ page }) => {
  for (const path of ["/sign-in", "/register"]) {
    await page.goto(path);
    await page.waitForLoadState("networkidle");
    const password = page.getByLabel("Password");
    await password.fill("a lamp outside the door");
    await expect(password).toHaveAttribute("type", "password");
    await page.getByRole("button", { name: "Show" }).click();
    await expect(password).toHaveAttribute("type", "text");
    await expect(password).toHaveValue("a lamp outside the door");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Hide" }).click();
    await expect(password).toHaveAttribute("type", "password");
  }
  await expect(page.getByText("Optional")).toBeHidden();
  await expect(page.getByLabel("Handle")).not.toHaveAttribute("required");
});

/** Sends the form and returns the status of the response; before hydration that is the page after the redirect. */
async function attempt(page: Page, email: string, password: string): Promise<number> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  const responsePromise = page.waitForResponse((response) => /\/sign-in$/.test(response.url()) && response.status() !== 303);
  await page.getByRole("button", { name: "Sign in" }).click();
  return (await responsePromise).status();
}

test("signing in returns to the requested page", async ({ page, person }) => {
  await page.goto(person.runsPath);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await person.signIn(page);
  await expect(page.getByRole("heading", { name: "Flow runs" })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe(person.runsPath);
});

test("signing out ends the session, also for the back button", async ({ page, person, signedIn, context }) => {
  await page.goto("/my/api-keys");
  await expect(page.getByText("laptop", { exact: true })).toBeVisible();
  await waitForHydration(page);
  const before = await context.storageState();
  await page.goto("/");
  await page.getByText("Harbour", { exact: true }).first().waitFor();
  await accountMenu(page).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();

  await page.goBack();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(page.getByText("Harbour", { exact: true })).toBeHidden();

  await context.addCookies(before.cookies);
  await page.goto("/my/api-keys");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("a new password ends every other session", async ({ page, person, signedIn, browser, provost, monitor }) => {
  const otherContext = await browser.newContext({ baseURL: provost.url });
  monitor.observe(otherContext);
  await person.signInByRequest(otherContext);
  const other = await otherContext.newPage();
  await other.goto("/");
  await expect(other.getByRole("article")).toContainText("Harbour");

  await page.goto("/my/sign-in");
  await waitForHydration(page);
  await page.getByLabel("Current password").fill(person.password);
  await page.getByLabel("New password").fill("two lamps outside the door");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Your password was changed.")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Current password")).toBeVisible();

  await other.reload();
  await expect(other.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await person.signIn(other, "two lamps outside the door");
  await expect(other.getByRole("article")).toContainText("Harbour");
  await otherContext.close();
});
