/** The steps of a sign-in by provider: the link on a page of Provost, the provider's own page, and the choice of a handle. */
import { expect, type Page } from "@playwright/test";
import { accountMenu } from "./account-menu";
import { waitForHydration } from "./monitor";
import type { Account, IdentityProvider } from "./identity-provider";

/** Follows the link to the provider, on the page to sign in unless another link is named, and chooses an account there. */
export async function signInAt(page: Page, provider: IdentityProvider, account: Account, link = continueLink(provider)): Promise<void> {
  await goToProvider(page, provider, link);
  await page.getByRole("button", { name: `Continue as ${account.login}`, exact: true }).click();
}

/** Follows the link to the provider. */
export async function goToProvider(page: Page, provider: IdentityProvider, link = continueLink(provider)): Promise<void> {
  await page.getByRole("link", { name: link, exact: true }).click();
  await expect(page.getByRole("heading", { name: `Sign in to ${provider.label}` })).toBeVisible();
}

export function continueLink(provider: IdentityProvider): string {
  return `Continue with ${provider.label}`;
}

/** Registers a person with an account at a provider, and with its login as handle. */
export async function registerAt(page: Page, provider: IdentityProvider, account: Account): Promise<void> {
  await page.goto("/sign-in");
  await signInAt(page, provider, account);
  await expect(page.getByRole("heading", { name: "Choose your handle" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  await page.getByLabel("Handle").fill(account.login);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();
}

/** The URL to which the provider would send the browser back; the browser stays at the provider, whose page it shows. */
export async function callbackUrl(page: Page, account: Account): Promise<string> {
  const send = (url: string, form?: Record<string, string>) =>
    page.request.fetch(url, { method: form ? "POST" : "GET", form, maxRedirects: 0 });
  let url = page.url();
  let response = await send(url, { account: account.subject });
  for (let redirects = 0; redirects < 5; redirects++) {
    url = new URL(response.headers().location, url).href;
    if (new URL(url).pathname.startsWith("/auth/callback/")) return url;
    response = await send(url);
  }
  throw new Error(`the provider does not send the browser back: ${url}`);
}

/** Asks for a page of the person, to which the answer is the sign-in page. */
export async function expectSignedOut(page: Page): Promise<void> {
  await page.goto("/my/profile");
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
}

export async function signOut(page: Page): Promise<void> {
  await page.goto("/");
  await waitForHydration(page);
  await accountMenu(page).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByText("You’re signed out.")).toBeVisible();
}
