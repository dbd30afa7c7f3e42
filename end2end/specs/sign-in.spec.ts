/** Who gets in, who doesn't, and that out means out. */
import type { Page } from "@playwright/test";
import { expectGoodLooks } from "../house/looks";
import { Person } from "../house/person";
import { expect, test } from "../house/test";
import { hydrated } from "../house/watch";

const WRONG = "not the right words";

test.describe("with a server of one's own, since attempts are counted by address", () => {
  test.use({ baseURL: async ({ ownProvost }, use) => use(ownProvost.url) });

  test("a wrong password, an unknown person: one answer, and what was typed stays", async ({ page, ownProvost }) => {
    const person = await Person.make(ownProvost);
    for (const email of [person.email, "nobody@harbour.example"]) {
      await page.goto("/sign-in");
      expect(await attempt(page, email, WRONG)).toBe(200);
      await expect(page.getByText("Email or password isn’t right")).toBeVisible();
      await expect(page.getByLabel("Email")).toHaveValue(email);
    }
  });

  test("who tries too often waits, and is told how long", async ({ page, ownProvost, watch }) => {
    watch.expects(/429/);
    const person = await Person.make(ownProvost);
    const refused = page.getByText(/Too many attempts\. Try again in \d+ seconds/);
    await expect(async () => {
      await page.goto("/sign-in");
      expect(await attempt(page, person.email, WRONG)).toBe(429);
    }).toPass({ intervals: [0] });
    await expect(refused).toBeVisible();

    await page.goto("/sign-in");
    await expect(refused).toBeHidden();
    expect(await attempt(page, person.email, person.password), "the right password").toBe(429);
    await expect(refused).toBeVisible();
    await expectGoodLooks(page);
  });

  test("registering says plainly what is wrong", async ({ page, ownProvost }) => {
    const person = await Person.make(ownProvost);
    await page.goto("/register");
    await page.getByLabel("Name", { exact: true }).fill("Somebody Else");
    await expect(page.getByLabel("Handle")).toHaveValue("somebody-else");
    await page.getByLabel("Email").fill(person.email);
    await page.getByLabel("Password").fill("short");
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page.getByLabel("Password")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByRole("alert")).toHaveText("A password has at least 10 characters.");
    await page.getByLabel("Password").fill("long enough this time");
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page.getByLabel("Email")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByRole("alert")).toHaveText("Somebody is registered with this address. Sign in instead?");
    await expect(page.getByLabel("Email")).toBeFocused();
  });
});

/** Sends the form: the status of its answer. Before scripts are there it is a plain one, whose answer is the page it leads to. */
async function attempt(page: Page, email: string, password: string): Promise<number> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  const answered = page.waitForResponse((response) => /\/sign-in$/.test(response.url()) && response.status() !== 303);
  await page.getByRole("button", { name: "Sign in" }).click();
  return (await answered).status();
}

test("signing in leads to where one wanted to go", async ({ page, person }) => {
  await page.goto(person.runs);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await person.signIn(page);
  await expect(page.getByRole("heading", { name: "Flow runs" })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe(person.runs);
});

test("signing out ends the session, and the way back shows nothing", async ({ page, person, signedIn, context }) => {
  await page.goto("/my/api-keys");
  await expect(page.getByText("laptop", { exact: true })).toBeVisible();
  await hydrated(page);
  const before = await context.storageState();
  await page.goto("/");
  await page.getByText("Harbour", { exact: true }).first().waitFor();
  await page.getByLabel(/^Account menu/).first().click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();

  await page.goBack();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(page.getByText("Harbour", { exact: true })).toBeHidden();

  await context.addCookies(before.cookies);
  await page.goto("/my/api-keys");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("a new password ends every other session", async ({ page, person, signedIn, browser, provost, watch }) => {
  const elsewhere = await browser.newContext({ baseURL: provost.url });
  watch.context(elsewhere);
  await person.enter(elsewhere);
  const other = await elsewhere.newPage();
  await other.goto("/");
  await expect(other.getByRole("article")).toContainText("Harbour");

  await page.goto("/my/sign-in");
  await hydrated(page);
  await page.getByLabel("Current password").fill(person.password);
  await page.getByLabel("New password").fill("two lamps outside the door");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Password changed.")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Current password")).toBeVisible();

  await other.reload();
  await expect(other.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await person.signIn(other, "two lamps outside the door");
  await expect(other.getByRole("article")).toContainText("Harbour");
  await elsewhere.close();
});
