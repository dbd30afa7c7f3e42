/** What a provider may get wrong: the sign-in is refused with a sentence that names the provider, and the next one works. */
import { expect, expectRefused, test as base, UNTRUSTED, USED } from "../support/refused-sign-ins";
import { withProvost } from "../support/external";
import { IdentityProvider } from "../support/identity-provider";
import { registerAt, signInAt, signOut } from "../support/provider-pages";
import type { Provost } from "../support/provost";

interface TestFixtures {
  /** A provider that no other test uses, and a server that knows it but has not reached it. */
  unreached: IdentityProvider;
  ownProvost: Provost;
}

const test = base.extend<TestFixtures>({
  unreached: async ({}, use) => {
    const provider = await IdentityProvider.start("staff");
    await use(provider);
    await provider.stop();
  },
  ownProvost: ({ unreached }, use) => withProvost({ settings: unreached.settings }, use),
});

const UNREACHABLE = "can’t be reached at the moment. Try again later or choose another method.";
const TOO_SLOW = "took too long to answer. Try again or choose another method.";
const TOO_LARGE = "sent an answer that is too large. Ask your administrator to check its settings.";
const ERROR = "answered with an error. Try again, or ask your administrator to check its settings.";

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
