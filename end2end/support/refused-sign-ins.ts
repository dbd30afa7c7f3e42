/** `test` for sign-ins by provider that must be refused, of accounts that would sign in otherwise. */
import type { Browser, Page } from "@playwright/test";
import { expectAccessible } from "./accessibility";
import { expect, test as base, withProvost } from "./external";
import type { Account, IdentityProvider } from "./identity-provider";
import { expectSignedOut, registerAt } from "./provider-pages";
import type { Provost } from "./provost";

interface WorkerFixtures {
  provost: Provost;
  /** An account at each provider that is connected to a person. */
  known: { google: Account; staff: Account; github: Account };
}

export const test = base.extend<{}, WorkerFixtures>({
  provost: [
    async ({ google, staff, github }, use) => {
      const limits = { sign_in_burst: "100", register_burst: "1000" };
      await withProvost({ settings: { ...google.settings, ...staff.settings, ...github.settings, ...limits } }, use);
    },
    { scope: "worker" },
  ],
  known: [
    async ({ browser, provost, google, staff, github }, use) => {
      const known = async (provider: IdentityProvider) => {
        const account = await provider.createAccount();
        const page = await newPage(browser, provost);
        await registerAt(page, provider, account);
        await page.context().close();
        return account;
      };
      await use({ google: await known(google), staff: await known(staff), github: await known(github) });
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

/** How refusals of untrusted and repeated answers are told. */
export const UNTRUSTED = "sent an answer that can’t be trusted, so you weren’t signed in. Try again.";
export const USED = "This sign-in link has already been used. Start again.";

/** The page to sign in says why, has nothing that axe reports, and there is no session. */
export async function expectRefused(page: Page, sentence: string): Promise<void> {
  await expect(page.getByText(sentence)).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/sign-in");
  await page.waitForLoadState("networkidle");
  await expectAccessible(page);
  await expectSignedOut(page);
}

export async function newPage(browser: Browser, provost: Provost): Promise<Page> {
  const context = await browser.newContext({ baseURL: provost.url });
  return context.newPage();
}

export { expect } from "./external";
