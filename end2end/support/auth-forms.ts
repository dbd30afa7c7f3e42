/** The forms with which people register, sign in and get a new password. */
import { expect, type Page } from "@playwright/test";

export const PASSWORD = "a lamp outside the door";

let created = 0;

/** An address that no other test uses. Its part before the @ is a valid handle. */
export function newAddress(domain = "harbour.example"): string {
  return `nell-${process.pid}-${++created}@${domain}`;
}

/** Fills in the form of the page to register and sends it. */
export async function register(page: Page, email: string, path = "/register", handle = email.split("@")[0]): Promise<void> {
  await page.goto(path);
  await page.waitForLoadState("networkidle");
  await page.getByLabel("Name", { exact: true }).fill("Nell Gray");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByLabel("Handle").fill(handle);
  await page.getByRole("button", { name: "Create account" }).click();
}

/** Fills in the form of the page to sign in, which the page shows, and sends it. */
export async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Asks for a link to a new password. */
export async function requestReset(page: Page, email: string): Promise<void> {
  await page.goto("/forgot-password");
  await page.waitForLoadState("networkidle");
  await page.getByLabel("Email").fill(email);
  await page.getByRole("button", { name: "Get a link" }).click();
}

/** Opens the link of a mail and chooses a new password. */
export async function chooseNewPassword(page: Page, link: string, password: string): Promise<void> {
  await page.goto(link);
  await page.waitForLoadState("networkidle");
  await page.getByLabel("New password").fill(password);
  await page.getByRole("button", { name: "Change password" }).click();
}

/** Opens the link of a mail and verifies the address. */
export async function verify(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await expect(page.getByRole("heading", { level: 1, name: "Verify your email address" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  await page.getByRole("button", { name: "Verify address" }).click();
}
