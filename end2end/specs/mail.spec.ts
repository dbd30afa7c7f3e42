/** Mail: addresses are verified and changed, forgotten passwords reset, people told of changes. */
import type { Page } from "@playwright/test";
import { linkOf } from "../mail/mail-server";
import { expectAccessible } from "../support/accessibility";
import { chooseNewPassword, newAddress, register, requestReset, signIn, verify } from "../support/auth-forms";
import { expect, test as base, withProvost } from "../support/external";
import { waitForHydration } from "../support/monitor";
import { Person } from "../support/person";
import { expectSignedOut, signInAt, signOut } from "../support/provider-pages";
import type { Provost } from "../support/provost";

const LIMITS = { sign_in_burst: "100", register_burst: "1000" };
const SENT = "If that address has an account, a link is on its way.";
const VOID = "This link has expired or was already used. Ask for a new one.";
const VERIFY = /^Verify your email address for 127\.0\.0\.1/;
const VERIFY_NEW = /^Verify your new email address for /;
const RESET = /^Reset your password on /;
const NEW_PASSWORD = "two lamps outside the door";

const test = base.extend<{}, { provost: Provost }>({
  provost: [
    async ({ mailServer, github }, use) => {
      await withProvost({ settings: { ...mailServer.settings, ...github.settings, ...LIMITS } }, use);
    },
    { scope: "worker" },
  ],
});

test("a new person verifies the address, once", async ({ page, mailServer }) => {
  const email = newAddress();
  await register(page, email);
  await expect(page.getByRole("heading", { level: 1, name: "Check your inbox" })).toBeVisible();
  await expectAccessible(page);
  await expectSignedOut(page);
  const link = linkOf(await mailServer.next(email, VERIFY));
  // A program that opens links in mails does not use them up.
  for (let opened = 0; opened < 2; opened++) expect((await page.request.get(link)).status()).toBe(200);
  await page.goto(link);
  await expectAccessible(page);
  await verify(page, link);
  await expect(page.getByText("Your email address is verified. Sign in to go on.")).toBeVisible();
  await signIn(page, email);
  await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();
  await expect(page.getByText("Verify your email address.")).toHaveCount(0);

  await verify(page, link);
  await expect(page.getByText(VOID)).toBeVisible();
  await expectAccessible(page);
});

test("a person who has not verified is asked to, and a new link voids the old one", async ({ page, mailServer }) => {
  const email = newAddress();
  await register(page, email);
  const first = linkOf(await mailServer.next(email, VERIFY));
  await page.goto("/sign-in");
  await signIn(page, email);
  await expect(page.getByText("Verify your email address.")).toBeVisible();
  await expect(page.getByText(`Open the link that was sent to ${email}.`)).toBeVisible();
  await waitForHydration(page);
  await expectAccessible(page);
  await page.getByRole("link", { name: "Send it again" }).click();
  await page.waitForLoadState("networkidle");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Send it again" }).click();
  await expect(page.getByText("The link is on its way.")).toBeVisible();
  const second = linkOf(await mailServer.next(email, VERIFY));
  expect(second).not.toBe(first);
  await verify(page, first);
  await expect(page.getByText(VOID)).toBeVisible();
  await verify(page, second);
  await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();
  await expect(page.getByText("Verify your email address.")).toHaveCount(0);
});

test("registering with a known address looks the same, and that address learns of it", async ({ page, mailServer, person }) => {
  for (const email of [newAddress(), person.email]) {
    // A handle that is taken would be an error, whether the address is known or not.
    await register(page, email, "/register", newAddress().split("@")[0]);
    await expect(page.getByRole("heading", { level: 1, name: "Check your inbox" })).toBeVisible();
    expect(new URL(page.url()).pathname).toBe("/verify-email");
    await expectSignedOut(page);
  }
  const { text } = await mailServer.next(person.email, /^You already have an account on /);
  expect(text).toContain("/sign-in");
  expect(text).toContain("/forgot-password");
  // The password of the account is still the one before.
  await signIn(page, person.email);
  await expect(page.getByText("The email or password is incorrect.")).toBeVisible();
  await person.signIn(page);
  await expect(page.getByRole("heading", { level: 1, name: "Your settings" })).toBeVisible();
});

test("a forgotten password is reset, and everybody is signed out", async ({ page, mailServer, person, browser, provost, monitor }) => {
  const signedIn = await browser.newContext({ baseURL: provost.url });
  monitor.observe(signedIn);
  await person.signInByRequest(signedIn);
  const unknown = newAddress();
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Reset your password" })).toBeVisible();
  await expectAccessible(page);
  for (const email of [unknown, person.email]) {
    await requestReset(page, email);
    await expect(page.getByText(SENT)).toBeVisible();
  }
  await expectAccessible(page);
  const link = linkOf(await mailServer.next(person.email, RESET));
  expect(mailServer.to(unknown), "requested before").toEqual([]);

  await chooseNewPassword(page, link, "short");
  await expect(page.getByText("Use at least 10 characters.")).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("New password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Your password was changed. Sign in with the new one.")).toBeVisible();
  await mailServer.next(person.email, /^Your password on .* was changed$/);
  const other = await signedIn.newPage();
  await expectSignedOut(other);
  await signedIn.close();

  await person.signIn(page);
  await expect(page.getByText("The email or password is incorrect.")).toBeVisible();
  await person.signIn(page, NEW_PASSWORD);
  await expect(page.getByRole("article")).toContainText("Harbour");
  await chooseNewPassword(page, link, "three lamps outside the door");
  await expect(page.getByText(VOID)).toBeVisible();
});

test("links that are expired, void, of another purpose or made up do nothing", async ({ page, mailServer, person, provost }) => {
  const email = newAddress();
  await register(page, email);
  const verification = linkOf(await mailServer.next(email, VERIFY));
  const resets: string[] = [];
  for (let requests = 0; requests < 2; requests++) {
    await requestReset(page, person.email);
    resets.push(linkOf(await mailServer.next(person.email, RESET)));
  }
  const [voided, valid] = resets;
  const tokenOf = (link: string) => new URLSearchParams(link.split("?")[1]).get("token");
  const madeUp = "0123456789012345678901234567890123456789012";
  for (const token of [tokenOf(verification), tokenOf(voided), madeUp, "x", `${tokenOf(valid)}x`]) {
    await chooseNewPassword(page, `/reset-password?token=${token}`, NEW_PASSWORD);
    await expect(page.getByText(VOID), `reset by ${token}`).toBeVisible();
  }
  for (const token of [tokenOf(valid), madeUp, "x"]) {
    await verify(page, `/verify-email?token=${token}`);
    await expect(page.getByText(VOID), `verification by ${token}`).toBeVisible();
  }
  await provost.execute("UPDATE mail_token SET expires = 1");
  await chooseNewPassword(page, valid, NEW_PASSWORD);
  await expect(page.getByText(VOID), "expired reset").toBeVisible();
  await verify(page, verification);
  await expect(page.getByText(VOID), "expired verification").toBeVisible();
  await page.goto("/sign-in");
  await person.signIn(page);
  await expect(page.getByRole("article")).toContainText("Harbour");
});

test("the address is changed when the new one is verified, and both learn of it", async ({ page, mailServer, person, signedIn, provost }) => {
  const email = newAddress();
  await provost.execute("UPDATE session SET proved = 0 WHERE person_id IN (SELECT id FROM person WHERE email = ?)", person.email);
  await changeAddress(page, email);
  await expect(page.getByRole("heading", { level: 1, name: "Confirm that it’s you" })).toBeVisible();
  await page.getByLabel("Your password").fill(person.password);
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Your settings" })).toBeVisible();
  await changeAddress(page, email);
  await expect(page.getByText("A link was sent to the new address. Open it to complete the change.")).toBeVisible();
  await waitForHydration(page);
  await expectAccessible(page);
  const notice = await mailServer.next(person.email, /^Your email address on .* is about to change$/);
  expect(notice.text).toContain(email);
  const link = linkOf(await mailServer.next(email, VERIFY_NEW));
  await page.reload();
  await expect(page.getByRole("main"), "not yet").toContainText(person.email);

  await verify(page, link);
  await expect(page.getByRole("article")).toContainText("Harbour");
  await signOut(page);
  await person.signIn(page);
  await expect(page.getByText("The email or password is incorrect.")).toBeVisible();
  await signIn(page, email, person.password);
  await expect(page.getByRole("article")).toContainText("Harbour");
  await verify(page, link);
  await expect(page.getByText(VOID)).toBeVisible();
});

test("an address that another person has verified meanwhile is refused", async ({ page, mailServer, person, signedIn, browser, provost }) => {
  const email = newAddress();
  await changeAddress(page, email);
  const link = linkOf(await mailServer.next(email, VERIFY_NEW));
  const context = await browser.newContext({ baseURL: provost.url });
  const other = await context.newPage();
  await register(other, email);
  await verify(other, linkOf(await mailServer.next(email, VERIFY)));
  await expect(other.getByText("Your email address is verified. Sign in to go on.")).toBeVisible();
  await context.close();
  await verify(page, link);
  await expect(page.getByText("This address belongs to another account.")).toBeVisible();
  await page.goto("/my/profile");
  await expect(page.getByRole("main")).toContainText(person.email);
});

test("people learn of a new sign-in method, of one that is removed, and of a changed password", async ({ page, mailServer, person, signedIn, github }) => {
  await page.goto("/my/sign-in");
  await signInAt(page, github, await github.createAccount(), "Connect GitHub");
  expect((await mailServer.next(person.email, /^New sign-in method on /)).text).toContain("GitHub");
  await waitForHydration(page);
  await page.getByRole("button", { name: "Disconnect GitHub" }).click();
  await mailServer.next(person.email, /^Sign-in method removed on /);
  await page.getByLabel("Current password").fill(person.password);
  await page.getByLabel("New password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Change password" }).click();
  await mailServer.next(person.email, /^Your password on .* was changed$/);
});

test("an address gets at most three mails an hour that strangers can cause", async ({ page, mailServer, provost }) => {
  const [flooded, later] = [await Person.create(provost), await Person.create(provost)];
  for (let requests = 0; requests < 6; requests++) {
    await requestReset(page, flooded.email);
    await expect(page.getByText(SENT)).toBeVisible();
  }
  await requestReset(page, later.email);
  await mailServer.next(later.email, RESET);
  const requested = mailServer.to(flooded.email).filter(({ subject }) => VERIFY.test(subject) || RESET.test(subject));
  expect(requested.length).toBe(3);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("a person registers, verifies, and resets the password", async ({ page, mailServer }) => {
    const email = newAddress();
    await register(page, email);
    await expect(page.getByRole("heading", { level: 1, name: "Check your inbox" })).toBeVisible();
    await page.goto("/sign-in");
    await signIn(page, email);
    await page.getByRole("link", { name: "Send it again" }).click();
    await page.getByRole("button", { name: "Send it again" }).click();
    await expect(page.getByText("The link is on its way.")).toBeVisible();
    await mailServer.next(email, VERIFY);
    await verify(page, linkOf(await mailServer.next(email, VERIFY)));
    await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();

    await requestReset(page, email);
    await expect(page.getByText(SENT)).toBeVisible();
    await chooseNewPassword(page, linkOf(await mailServer.next(email, RESET)), "short");
    await expect(page.getByText("Use at least 10 characters.")).toBeVisible();
    await page.getByLabel("New password").fill(NEW_PASSWORD);
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByText("Your password was changed. Sign in with the new one.")).toBeVisible();
    await signIn(page, email, NEW_PASSWORD);
    await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();
  });
});

/** Fills in the form for another address and sends it. */
async function changeAddress(page: Page, email: string): Promise<void> {
  await page.goto("/my/profile");
  await waitForHydration(page);
  await page.getByLabel("New email").fill(email);
  await page.getByRole("button", { name: "Change email" }).click();
}
