/** Sign-ins by provider that must be refused: each ends on a page that says why, and without a session. */
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { expectAccessible } from "../support/accessibility";
import { expect, test as base, withProvost } from "../support/external";
import { type Account, IdentityProvider } from "../support/identity-provider";
import { callbackUrl, expectSignedOut, goToProvider, registerAt, signInAt, signOut } from "../support/provider-pages";
import type { Provost } from "../support/provost";

interface TestFixtures {
  /** A provider that no other test uses, and a server that knows it but has not reached it. */
  unreached: IdentityProvider;
  ownProvost: Provost;
}

interface WorkerFixtures {
  provost: Provost;
  /** An account at each provider that is connected to a person. Without the attack it would sign in. */
  known: { google: Account; staff: Account; github: Account };
}

const test = base.extend<TestFixtures, WorkerFixtures>({
  unreached: async ({}, use) => {
    const provider = await IdentityProvider.start("staff");
    await use(provider);
    await provider.stop();
  },
  ownProvost: ({ unreached }, use) => withProvost({ settings: unreached.settings }, use),
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
    { scope: "worker" },
  ],
});

const UNTRUSTED = "sent an answer that can’t be trusted, so you weren’t signed in. Try again.";
const UNREACHABLE = "can’t be reached at the moment. Try again later or choose another method.";
const TOO_SLOW = "took too long to answer. Try again or choose another method.";
const TOO_LARGE = "sent an answer that is too large. Ask your administrator to check its settings.";
const ERROR = "answered with an error. Try again, or ask your administrator to check its settings.";
const DENIED = "didn’t sign you in, because access was denied. Try again or choose another method.";
const USED = "This sign-in link has already been used. Start again.";
const OTHER_BROWSER = "This sign-in began in another browser. Start again here.";
const TAKEN = "Sign in the way you did before, then connect this account in your profile.";

/** What buffers between two processes hold, at most. */
const MOST_SENT_BYTES = 16 * 1024 * 1024;

/** By provider: where the fault is, what it is, and how the sentence ends that says so. */
const FAULTS: [kind: "google" | "staff" | "github", at: string, how: string, sentence: string][] = [
  ...["issuer", "audience", "nonce", "no-nonce", "expired", "tampered"].map(bad("staff")),
  ...["foreign-key", "none", "none-signed", "hs256", "hs256-secret"].map(bad("staff")),
  ...["issuer", "audience", "tampered", "none", "hs256"].map(bad("google")),
  ["staff", "callback", "iss", UNTRUSTED],
  ["staff", "callback", "no-iss", UNTRUSTED],
  ["staff", "callback", "state", USED],
  ["staff", "callback", "code", ERROR],
  ["staff", "callback", "error", ERROR],
  ["staff", "token", "error", ERROR],
  ["staff", "token", "html", UNTRUSTED],
  ["staff", "token", "unavailable", UNTRUSTED],
  ["staff", "token", "down", UNREACHABLE],
  ["staff", "token", "slow", TOO_SLOW],
  ["staff", "token", "large", TOO_LARGE],
  ["staff", "userinfo", "subject", UNTRUSTED],
  ["staff", "userinfo", "down", UNREACHABLE],
  ["staff", "userinfo", "large", TOO_LARGE],
  ["github", "callback", "state", USED],
  ["github", "callback", "code", ERROR],
  ["github", "callback", "error", ERROR],
  ["github", "token", "error", ERROR],
  ["github", "token", "html", UNTRUSTED],
  ["github", "token", "down", UNREACHABLE],
  ["github", "user", "id", UNTRUSTED],
  ["github", "user", "slow", TOO_SLOW],
  ["github", "user", "large", TOO_LARGE],
  ["github", "emails", "html", UNTRUSTED],
  ["github", "emails", "large", TOO_LARGE],
];

function bad(kind: "google" | "staff") {
  return (how: string): [typeof kind, string, string, string] => [kind, "id_token", how, UNTRUSTED];
}

test.afterEach(async ({ google, staff, github }) => {
  for (const provider of [google, staff, github]) await provider.recover();
});

for (const [kind, at, how, sentence] of FAULTS) {
  test(`${kind}, ${at}: ${how}`, async ({ page, google, staff, github, known }) => {
    const provider = { google, staff, github }[kind];
    await provider.fail(at, how);
    await page.goto("/sign-in?to=/my/api-keys");
    await signInAt(page, provider, known[kind]);
    await expectRefused(page, sentence === USED ? USED : `${provider.label} ${sentence}`);
    if (how === "large") expect(await provider.sentBytes()).toBeLessThan(MOST_SENT_BYTES);

    await provider.recover();
    await page.goto("/sign-in");
    await signInAt(page, provider, known[kind]);
    await expect(page.getByRole("heading", { name: "Create a workspace to get started" }), "without the fault").toBeVisible();
  });
}

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

test("keys that the provider rotates are fetched", async ({ page, staff, known }) => {
  for (const isRotated of [false, true]) {
    if (isRotated) await staff.rotateKeys();
    await page.goto("/sign-in");
    await signInAt(page, staff, known.staff);
    await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();
    await signOut(page);
  }
});

test.describe("on a server that has not reached the provider yet", () => {
  test.use({ baseURL: async ({ ownProvost }, use) => use(ownProvost.url) });

  test("the page says what is wrong, and a sign-in works once the provider is back", async ({ page, unreached }) => {
    test.setTimeout(120_000);
    const link = page.getByRole("link", { name: "Continue with Harbour staff" });
    const cases = [
      ["discovery", "slow", TOO_SLOW],
      ["discovery", "large", TOO_LARGE],
      ["discovery", "down", UNREACHABLE],
      ["discovery", "html", UNTRUSTED],
      ["discovery", "unavailable", UNTRUSTED],
      ["jwks", "large", TOO_LARGE],
      ["jwks", "down", UNREACHABLE],
    ];
    for (const [at, how, sentence] of cases) {
      await unreached.fail(at, how);
      await page.goto("/sign-in");
      await link.click();
      await expectRefused(page, `Harbour staff ${sentence}`);
    }
    await unreached.stop();
    await page.goto("/sign-in");
    await link.click();
    await expectRefused(page, `Harbour staff ${UNREACHABLE}`);
    await unreached.launch();
    await registerAt(page, unreached, await unreached.createAccount());
  });
});

/** The page to sign in says why, has nothing that axe reports, and there is no session. */
async function expectRefused(page: Page, sentence: string): Promise<void> {
  await expect(page.getByText(sentence)).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/sign-in");
  await page.waitForLoadState("networkidle");
  await expectAccessible(page);
  await expectSignedOut(page);
}

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

async function newPage(browser: Browser, provost: Provost): Promise<Page> {
  const context = await browser.newContext({ baseURL: provost.url });
  return context.newPage();
}
