/** Sign-in by identity providers: new people, people who return, and accounts that are connected to a person. */
import type { Locator, Page } from "@playwright/test";
import { expectAccessible } from "../support/accessibility";
import { expect, test as base, withProvost } from "../support/external";
import type { IdentityProvider } from "../support/identity-provider";
import { waitForHydration } from "../support/monitor";
import { Person } from "../support/person";
import { expectSignedOut, goToProvider, registerAt, signInAt, signOut } from "../support/provider-pages";
import type { Provost } from "../support/provost";

const test = base.extend<{}, { provost: Provost }>({
  provost: [
    async ({ google, staff, github }, use) => {
      const limits = { sign_in_burst: "100", register_burst: "1000" };
      await withProvost({ settings: { ...google.settings, ...staff.settings, ...github.settings, ...limits } }, use);
    },
    { scope: "worker" },
  ],
});

/** A page of a person, with a query. */
const DEEP_LINK = "/my/api-keys?search=lap";
const NEW_PASSWORD = "a lamp outside the door";
const KINDS = ["google", "staff", "github"] as const;

for (const kind of KINDS) {
  test(`a new person chooses a handle, and returns by ${kind}`, async ({ page, google, staff, github }) => {
    const provider = { google, staff, github }[kind];
    const account = await provider.createAccount({ name: "Ann Lee" });
    await page.goto("/sign-in");
    await signInAt(page, provider, account);
    await expect(page.getByRole("heading", { level: 1, name: "Choose your handle" })).toBeVisible();
    await page.waitForLoadState("networkidle");
    const shown = kind === "github" ? account.login : account.email;
    await expect(page.getByText(`Signed in at ${provider.label} as ${shown}.`)).toBeVisible();
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Ann Lee");
    await expect(page.getByLabel("Handle")).toHaveValue(/^ann-lee(-\d+)?$/);
    await expectAccessible(page);
    await page.getByLabel("Handle").fill(account.login);
    await page.getByRole("button", { name: "Create account" }).click();

    await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();
    await page.getByRole("link", { name: "Create workspace" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Harbour office");
    await page.getByRole("button", { name: "Create workspace" }).click();
    await expect(page.getByRole("heading", { name: "Run your first flow" })).toBeVisible();

    await signOut(page);
    await signInAt(page, provider, account);
    await expect(page.getByRole("article")).toContainText("Harbour office");
  });
}

test("an account is the same person after its name and address change", async ({ page, staff }) => {
  const account = await staff.createAccount();
  await registerAt(page, staff, account);
  await signOut(page);
  await staff.updateAccount(account, { name: "Ann Miller", email: `${account.login}@pilots.example` });
  await signInAt(page, staff, account);
  await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();
});

test("the pages with links to providers are accessible", async ({ page }) => {
  for (const path of ["/sign-in", "/register"]) {
    await page.goto(path);
    await expect(page.getByRole("link", { name: /^Continue with / })).toHaveCount(KINDS.length);
    await expect(page.getByText("or with email")).toBeVisible();
    await page.waitForLoadState("networkidle");
    await expectAccessible(page);
  }
});

test("where somebody was going is kept for new people and for those who return", async ({ page, github }) => {
  const account = await github.createAccount();
  await page.goto(DEEP_LINK);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await signInAt(page, github, account);
  await page.waitForLoadState("networkidle");
  await page.getByLabel("Handle").fill(account.login);
  await page.getByRole("button", { name: "Create account" }).click();
  await expectPath(page, DEEP_LINK);

  await signOut(page);
  await page.goto(DEEP_LINK);
  await signInAt(page, github, account);
  await expectPath(page, DEEP_LINK);

  await signOut(page);
  await page.goto(DEEP_LINK);
  await page.getByRole("link", { name: "Create an account" }).click();
  await signInAt(page, github, account);
  await expectPath(page, DEEP_LINK);
});

test("the approval of a client is kept, and is loaded as a document", async ({ page, google }) => {
  const approval = "/auth/client?callback=http%3A//localhost%3A1";
  const account = await google.createAccount();
  await page.goto(approval);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await signInAt(page, google, account);
  await page.waitForLoadState("networkidle");
  await page.getByLabel("Handle").fill(account.login);
  const policies: string[] = [];
  page.on("response", (response) => {
    const isApproval = response.request().isNavigationRequest() && response.url().includes("/auth/client");
    if (isApproval) policies.push(response.headers()["content-security-policy"] ?? "");
  });
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { name: "Let a terminal sign in as you?" })).toBeVisible();
  expect(policies.join(), "the page’s own policy allows the call").toContain("http://localhost:1");

  await signOut(page);
  await page.goto(approval);
  await signInAt(page, google, account);
  await expect(page.getByRole("heading", { name: "Let a terminal sign in as you?" })).toBeVisible();
});

test("only paths of this site are followed", async ({ page, staff }) => {
  const account = await staff.createAccount();
  await registerAt(page, staff, account);
  for (const to of ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "my/api-keys"]) {
    for (const path of ["/sign-in", `/auth/provider/${staff.name}`]) {
      await signOut(page);
      await page.goto(`${path}?to=${encodeURIComponent(to)}`);
      if (path === "/sign-in") await goToProvider(page, staff);
      await page.getByRole("button", { name: `Continue as ${account.login}` }).click();
      await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();
      await expect(page, to).toHaveURL("/");
    }
  }
});

test("an account is connected, signs in, and is disconnected", async ({ page, person, signedIn, github }) => {
  const account = await github.createAccount();
  await page.goto("/my/sign-in");
  await expect(method(page, github)).toContainText("Not connected, signs in at localhost");
  await waitForHydration(page);
  await expectAccessible(page);
  await signInAt(page, github, account, "Connect GitHub");
  await expect(page.getByText("GitHub is connected.")).toBeVisible();
  await expect(method(page, github)).toContainText(account.login);
  await waitForHydration(page);
  await expectAccessible(page);

  await signOut(page);
  await signInAt(page, github, account);
  await expect(page.getByRole("article")).toContainText("Harbour");
  await page.goto("/my/sign-in");
  await expect(page.getByRole("list", { name: "Sign-in methods" })).toContainText(person.email);

  await waitForHydration(page);
  await method(page, github).getByRole("button", { name: "Disconnect GitHub" }).click();
  await expect(page.getByText("The account was disconnected.")).toBeVisible();
  await expect(method(page, github)).toContainText("Not connected");
  await signOut(page);
  await signInAt(page, github, account);
  await expect(page.getByRole("heading", { name: "Choose your handle" }), "the account is nobody’s").toBeVisible();
  await page.goto("/");
  await person.signIn(page);
  await expect(page.getByRole("article")).toContainText("Harbour");
});

test("ten minutes after the sign-in a person confirms with the password first", async ({ page, person, signedIn, google }) => {
  const account = await google.createAccount();
  await forgetProof(person.provost, person.email);
  await page.goto("/my/sign-in");
  await waitForHydration(page);
  await page.getByRole("link", { name: "Connect Google" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Confirm that it’s you" })).toBeVisible();
  await waitForHydration(page);
  await expectAccessible(page);
  await page.getByLabel("Your password").fill("not the right words");
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByText("This is not your password.")).toBeVisible();
  await page.getByLabel("Your password").fill(person.password);
  await page.getByRole("button", { name: "Confirm" }).click();

  await expect(page.getByText("Thanks, that’s confirmed.")).toBeVisible();
  await page.getByRole("link", { name: "Connect Google" }).first().click();
  await page.getByRole("button", { name: `Continue as ${account.login}` }).click();
  await expect(page.getByText("Google is connected.")).toBeVisible();

  // The URL alone does not connect either.
  await forgetProof(person.provost, person.email);
  await page.evaluate(() => location.assign("/auth/provider/github?purpose=connect"));
  await expect(page.getByRole("heading", { name: "Confirm that it’s you" })).toBeVisible();
});

test("a person without a password confirms with an account, and then sets one", async ({ page, staff, provost, monitor }) => {
  // Leptos makes the second form out of the elements of the first, which for a moment has no name of an account.
  monitor.allow(/Password forms should have/);
  const account = await staff.createAccount();
  await registerAt(page, staff, account);
  await forgetProof(provost, account.email);
  await page.goto("/my/sign-in");
  await waitForHydration(page);
  await page.getByLabel("New password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Set password" }).click();
  await expect(page.getByRole("heading", { name: "Confirm that it’s you" })).toBeVisible();
  await signInAt(page, staff, account);
  await expectPath(page, "/my/sign-in");
  await waitForHydration(page);
  await page.getByLabel("New password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Set password" }).click();
  await expect(page.getByText("Your password was set.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Change your password" })).toBeVisible();

  await signOut(page);
  await page.getByLabel("Email").fill(account.email);
  await page.getByLabel("Password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();
});

test("the only sign-in method can’t be disconnected", async ({ page, google, provost, monitor }) => {
  // Leptos makes the second form out of the elements of the first, which for a moment has no name of an account.
  monitor.allow(/Password forms should have/);
  const why = "Your only sign-in method. Add another before you disconnect it.";
  const account = await google.createAccount();
  await registerAt(page, google, account);
  await page.goto("/my/sign-in");
  await waitForHydration(page);
  const disconnect = page.getByRole("button", { name: "Disconnect Google" });
  await expect(disconnect).toBeDisabled();
  await expect(page.getByText(why)).toBeVisible();
  await expectAccessible(page);
  const id = await method(page, google).locator("input[name=id]").getAttribute("value");
  const response = await page.request.post("/ui/disconnect-provider", {
    form: { id: id ?? "" },
    headers: { accept: "text/html", origin: provost.url },
  });
  expect(await response.text(), "the server refuses it too").toContain(why);

  await page.getByLabel("New password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Set password" }).click();
  await expect(page.getByText("Your password was set.")).toBeVisible();
  await disconnect.click();
  await expect(page.getByText("The account was disconnected.")).toBeVisible();
});

test("a password that only claims an address captures nothing and blocks nothing", async ({ page, provost, google, browser, monitor }) => {
  const account = await google.createAccount();
  // Somebody else has registered with the address, which they can't verify.
  const other = await Person.create(provost, account.login);
  expect(other.email).toBe(account.email);
  await page.goto("/sign-in");
  await signInAt(page, google, account);
  await page.waitForLoadState("networkidle");
  await page.getByLabel("Handle").fill(`${account.login}-1`);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();

  const context = await browser.newContext({ baseURL: provost.url });
  monitor.observe(context);
  const claimant = await context.newPage();
  await claimant.goto("/sign-in");
  await other.signIn(claimant);
  await expect(claimant.getByText("The email or password is incorrect.")).toBeVisible();
  await expectSignedOut(claimant);
  await context.close();
});

test("a person who cancels at the provider can sign in again", async ({ page, github }) => {
  const account = await github.createAccount();
  await page.goto(DEEP_LINK);
  await goToProvider(page, github);
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("GitHub didn’t sign you in, because access was denied.")).toBeVisible();
  await page.waitForLoadState("networkidle");
  await expectAccessible(page);
  await signInAt(page, github, account);
  await page.waitForLoadState("networkidle");
  await page.getByLabel("Handle").fill(account.login);
  await page.getByRole("button", { name: "Create account" }).click();
  await expectPath(page, DEEP_LINK);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("a person registers, connects and disconnects", async ({ page, google, github }) => {
    const [first, second] = [await google.createAccount(), await github.createAccount()];
    await page.goto("/sign-in");
    await signInAt(page, google, first);
    await page.getByLabel("Handle").fill("UPPER case");
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page.getByLabel("Handle")).toHaveAttribute("aria-invalid", "true");
    await page.getByLabel("Handle").fill(first.login);
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page.getByRole("heading", { name: "Create a workspace to get started" })).toBeVisible();

    await page.goto("/my/sign-in");
    await signInAt(page, github, second, "Connect GitHub");
    await expect(page.getByText("GitHub is connected.")).toBeVisible();
    await method(page, google).getByRole("button", { name: "Disconnect Google" }).click();
    await expect(page.getByText("The account was disconnected.")).toBeVisible();
    await expect(page.getByRole("button", { name: "Disconnect GitHub" })).toBeDisabled();
  });
});

/** The row of a provider in the list of sign-in methods. */
function method(page: Page, provider: IdentityProvider): Locator {
  const row = page.getByRole("list", { name: "Sign-in methods" }).getByRole("listitem");
  return row.filter({ has: page.getByText(provider.label, { exact: true }) });
}

async function expectPath(page: Page, path: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: "Your settings" })).toBeVisible();
  await expect(page).toHaveURL(path);
}

/** As if the person had signed in longer than ten minutes ago. */
async function forgetProof(provost: Provost, email: string): Promise<void> {
  await provost.execute("UPDATE session SET proved = 0 WHERE person_id IN (SELECT id FROM person WHERE email = ?)", email);
}
