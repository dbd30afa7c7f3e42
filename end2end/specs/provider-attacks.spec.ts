/** Attacks on a sign-in by provider: each ends on a page that says why, and without a session. */
import type { BrowserContext, Page } from "@playwright/test";
import { expectAccessible } from "../support/accessibility";
import { callbackUrl, expectSignedOut, goToProvider, registerAt, signInAt, signOut } from "../support/provider-pages";
import type { Provost } from "../support/provost";
import { expect, expectRefused, newPage, test, UNTRUSTED, USED } from "../support/refused-sign-ins";

const DENIED = "didn’t sign you in, because access was denied. Try again or choose another method.";
const OTHER_BROWSER = "This sign-in began in another browser. Start again here.";
const TAKEN = "Sign in the way you did before, then connect this account in your profile.";

test("a person who cancels has no session", async ({ page, staff, google }) => {
  for (const provider of [staff, google]) {
    await page.goto("/sign-in");
    await goToProvider(page, provider);
    await page.getByRole("button", { name: "Cancel" }).click();
    await expectRefused(page, `${provider.label} ${DENIED}`);
  }
});

test("another browser’s state is refused, and then is of no use to its own", async ({ page, browser, provost, staff, known }) => {
  const other = await newPage(browser, provost);
  for (const hasAttempt of [false, true]) {
    await other.goto("/sign-in");
    await goToProvider(other, staff);
    const url = await callbackUrl(other, known.staff);
    if (hasAttempt) {
      await page.goto("/sign-in");
      await goToProvider(page, staff);
    }
    await page.goto(url);
    await expectRefused(page, OTHER_BROWSER);
    await other.goto(url);
    await expectRefused(other, USED);
  }
  await other.context().close();
});

test("a replayed answer is refused", async ({ page, github, known }) => {
  await page.goto("/sign-in");
  await goToProvider(page, github);
  const url = await callbackUrl(page, known.github);
  await page.goto(url);
  await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();
  await signOut(page);
  await page.goto(url);
  await expectRefused(page, USED);
});

test("an answer after ten minutes is refused", async ({ page, google, known, provost }) => {
  await page.goto("/sign-in");
  await goToProvider(page, google);
  const url = await callbackUrl(page, known.google);
  await provost.execute("UPDATE provider_attempt SET created = created - 601000000");
  await page.goto(url);
  await expectRefused(page, "Signing in took longer than 10 minutes. Try again.");
});

test("an answer without a valid state, or of another provider, is refused", async ({ page, staff, known }) => {
  for (const query of ["", "?code=1", "?state=&code=1", "?state=x&code=1", "?state=a&state=b&code=1", "?error=access_denied"]) {
    await page.goto(`/auth/callback/${staff.name}${query}`);
    await expectRefused(page, query.includes("state=a&state=b") ? UNTRUSTED : USED);
  }
  await page.goto("/sign-in");
  await goToProvider(page, staff);
  const url = await callbackUrl(page, known.staff);
  await page.goto(url.replace(`/auth/callback/${staff.name}?`, "/auth/callback/github?"));
  await expectRefused(page, UNTRUSTED);
  await page.goto(url);
  await expectRefused(page, USED);
  for (const path of ["/auth/callback/unknown?state=x&code=1", "/auth/provider/unknown"]) {
    await page.goto(path);
    await expectRefused(page, "This sign-in method isn’t available any more. Choose another method.");
  }
});

test("an address that is verified for another person is refused", async ({ page, staff, github, google, known }) => {
  const cases = [
    [staff, known.google],
    [google, known.github],
    [github, known.staff],
  ] as const;
  for (const [provider, { email }] of cases) {
    const account = await provider.createAccount({ email });
    await page.goto("/sign-in");
    await signInAt(page, provider, account);
    await expectRefused(page, TAKEN);
    await expectNoHandleToChoose(page);
  }
});

test("an address that is not verified becomes no verified one", async ({ page, staff, google, github, known }) => {
  test.setTimeout(240_000);
  await registerAt(page, staff, await staff.createAccount());
  expect(await hasVerifiedAddress(page)).toBe(true);
  await signOut(page);
  const cases = [
    [staff, { emailVerified: false }],
    [staff, { emailVerified: "true" }],
    [google, { emailVerified: false }],
    [google, { emailVerified: "true" }],
    [github, { emailVerified: false }],
    [github, { emailVerified: "true" }],
    [github, { primary: false }],
  ] as const;
  for (const [provider, changes] of cases) {
    // An unverified claim takes no address from another person, and finds none.
    for (const claim of [{}, { email: known.google.email }]) {
      await registerAt(page, provider, await provider.createAccount({ ...changes, ...claim }));
      expect(await hasVerifiedAddress(page), `${provider.label} ${JSON.stringify(changes)}`).toBe(false);
      await signOut(page);
    }
  }
});

test("an account of another person can’t be connected, and does not confirm who somebody is", async ({ page, person, signedIn, github, known, provost }) => {
  await page.goto("/my/sign-in");
  await signInAt(page, github, known.github, "Connect GitHub");
  await expect(page.getByText("This GitHub account is already connected to another user.")).toBeVisible();
  await expect(page.getByRole("list", { name: "Sign-in methods" })).not.toContainText(known.github.login);
  await expectAccessible(page);

  const own = await github.createAccount();
  await page.goto("/my/sign-in");
  await signInAt(page, github, own, "Connect GitHub");
  await expect(page.getByText("GitHub is connected.")).toBeVisible();
  await provost.execute("UPDATE session SET proved = 0 WHERE person_id IN (SELECT id FROM person WHERE email = ?)", person.email);
  await page.goto("/my/confirm?to=/my/sign-in");
  await signInAt(page, github, known.github);
  await expect(page.getByText("This GitHub account isn’t connected to you. Use the one you sign in with.")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Confirm that it’s you" })).toBeVisible();
});

test("another site can’t connect its account to a signed-in person", async ({ page, person, signedIn, github }) => {
  await github.createAccount();
  await page.goto(github.url);
  await expect(page.getByRole("heading", { name: "GitHub" })).toBeVisible();
  await page.evaluate((url) => location.assign(url), `${person.provost.url}/auth/provider/github?purpose=connect`);
  await expect(page).toHaveURL("/my/sign-in");
  await expect(page.getByRole("list", { name: "Sign-in methods" })).toContainText("Not connected, signs in at localhost");
});

test("a person who signs out meanwhile connects nothing", async ({ page, person, signedIn, github, context }) => {
  const account = await github.createAccount();
  await page.goto("/my/sign-in");
  await goToProvider(page, github, "Connect GitHub");
  const url = await callbackUrl(page, account);
  await signOutElsewhere(context, person.provost);
  await page.goto(url);
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await person.signIn(page);
  await expect(page.getByRole("list", { name: "Sign-in methods" })).not.toContainText(account.login);
});

/** No account waits for a handle in this browser. */
async function expectNoHandleToChoose(page: Page): Promise<void> {
  await page.goto("/register/account");
  await expect(page.getByText("This sign-in has expired. Start again from the sign-in page.")).toBeVisible();
}

/** Whether the settings of the person say that their address is verified. */
async function hasVerifiedAddress(page: Page): Promise<boolean> {
  await page.goto("/my/profile");
  await expect(page.getByRole("heading", { level: 2, name: "Email" })).toBeVisible();
  return (await page.getByRole("main").getByText("Verified", { exact: true }).count()) > 0;
}

async function signOutElsewhere(context: BrowserContext, { url }: Provost): Promise<void> {
  const response = await context.request.post(`${url}/ui/sign-out`, { headers: { accept: "text/html", origin: url }, maxRedirects: 0 });
  expect(response.status()).toBeLessThan(400);
}
