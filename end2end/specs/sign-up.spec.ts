/** Who may register: everybody, people with an address of certain domains, nobody; and the link that makes the first person. */
import type { Page } from "@playwright/test";
import { linkOf } from "../mail/mail-server";
import { expectAccessible } from "../support/accessibility";
import { newAddress, PASSWORD, register, signIn, verify } from "../support/auth-forms";
import { expect, test as base, withProvost } from "../support/external";
import { Person } from "../support/person";
import { expectSignedOut, registerAt, signInAt, signOut } from "../support/provider-pages";
import type { Provost } from "../support/provost";

const CLOSED = "Only an administrator creates accounts on this server. Ask yours for one.";
const NO_WORKSPACE = "Create a workspace to get started";
const VERIFY = /^Verify your email address for /;
const LIMITS = { sign_in_burst: "100", register_burst: "1000" };

const test = base.extend<{}, { domains: Provost; closed: Provost }>({
  domains: [
    async ({ mailServer, staff, google }, use) => {
      const rule = { sign_up: "domains", sign_up_domains: "harbour.example, pilots.example" };
      await withProvost({ settings: { ...rule, ...mailServer.settings, ...staff.settings, ...google.settings, ...LIMITS } }, use);
    },
    { scope: "worker" },
  ],
  closed: [
    async ({ staff }, use) => withProvost({ settings: { sign_up: "closed", ...staff.settings, ...LIMITS } }, use),
    { scope: "worker" },
  ],
});

test.describe("with certain domains", () => {
  test.use({ baseURL: async ({ domains }, use) => use(domains.url) });

  test("an address of another domain is an error of its field", async ({ page }) => {
    await page.goto("/register");
    await expect(page.getByText("Use an address of harbour.example, pilots.example.")).toBeVisible();
    await page.waitForLoadState("networkidle");
    await expectAccessible(page);
    for (const domain of ["evil.example", "harbour.example.evil.example", "sub.harbour.example", "notharbour.example"]) {
      await register(page, newAddress(domain));
      await expect(page.getByLabel("Email"), domain).toHaveAttribute("aria-invalid", "true");
      await expect(page.getByRole("alert").first()).toContainText(/use an email address of harbour\.example or pilots\.example/i);
    }
    await expectAccessible(page);
  });

  test("a person can do nothing but verify the address until that is done", async ({ page, mailServer, domains, monitor }) => {
    // The server refuses the frame of every other page, and the browser goes to the one that is left.
    monitor.allow(/403/);
    const email = newAddress("pilots.example");
    await register(page, email);
    await expect(page.getByRole("heading", { level: 1, name: "Check your inbox" })).toBeVisible();
    const link = linkOf(await mailServer.next(email, VERIFY));
    await page.goto("/sign-in");
    await signIn(page, email);
    await page.waitForURL("**/verify-email*");
    for (const path of ["/", "/workspaces/new", "/my/api-keys", "/my/sign-in", "/my/profile", "/auth/client?callback=http%3A//localhost%3A1"]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1, name: "Check your inbox" }), path).toBeVisible();
      await expect(page.getByText(`Open the link that was sent to ${email}.`)).toBeVisible();
    }
    await page.waitForLoadState("networkidle");
    await expectAccessible(page);
    const key = await domains.admin("create-key", { user: email.split("@")[0], name: "laptop" });
    const workspaces = () => page.request.get("/api/me/workspaces", { headers: { authorization: `Bearer ${key}` } });
    const refused = await workspaces();
    expect(refused.status()).toBe(403);
    expect(await refused.text()).toMatch(/verif/i);
    const form = { current: PASSWORD, new: "two lamps outside the door" };
    const posted = await page.request.post("/ui/change-password", { form, headers: { accept: "text/html", origin: domains.url } });
    expect(await posted.text(), "a form of another page").toContain("Check your inbox");

    await page.goto("/verify-email");
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
    await verify(page, link);
    await expect(page.getByText("Your email address is verified. Sign in to go on.")).toBeVisible();
    await signIn(page, email);
    await expect(page.getByRole("heading", { name: NO_WORKSPACE })).toBeVisible();
    expect((await workspaces()).status()).toBe(200);
  });

  test("an address that a provider has verified counts at once", async ({ page, staff, google }) => {
    for (const provider of [staff, google]) {
      await registerAt(page, provider, await provider.createAccount());
      await signOut(page);
    }
  });

  test("other accounts at a provider are refused", async ({ page, staff, google }) => {
    for (const provider of [staff, google]) {
      const outside = await provider.createAccount({ email: newAddress("evil.example") });
      await expectRefused(page, () => signInAt(page, provider, outside), /^(To register here, you need an email address of|You can’t register with this email address)/);
      for (const emailVerified of [false, "true"]) {
        const unverified = await provider.createAccount({ emailVerified });
        await expectRefused(page, () => signInAt(page, provider, unverified), new RegExp(`^${provider.label} didn’t confirm your email address`));
      }
    }
  });
});

test.describe("closed", () => {
  test.use({ baseURL: async ({ closed }, use) => use(closed.url) });

  test("the pages say that an administrator creates accounts", async ({ page, closed }) => {
    await page.goto("/sign-in");
    await expect(page.getByRole("link", { name: "Create an account" })).toHaveCount(0);
    await page.goto("/register");
    await expect(page.getByText(CLOSED)).toBeVisible();
    await expect(page.getByRole("button", { name: "Create account" })).toHaveCount(0);
    await page.waitForLoadState("networkidle");
    await expectAccessible(page);
    const email = newAddress();
    const form = { name: "Nell Gray", email, handle: "", password: PASSWORD, to: "" };
    const headers = { accept: "text/html", origin: closed.url };
    for (const setup of ["", "0".repeat(64)]) {
      await page.request.post("/ui/register", { form: { ...form, setup }, headers });
      expect(await closed.execute("SELECT count(*) FROM person WHERE email = ?", email), setup).toEqual([[0]]);
    }
    await expectSignedOut(page);
  });

  test("people whom an administrator has created sign in, and connect an account", async ({ page, closed, staff }) => {
    const person = await Person.create(closed);
    const account = await staff.createAccount();
    await expectRefused(page, () => signInAt(page, staff, account), CLOSED);
    await page.goto("/sign-in");
    await person.signIn(page);
    await expect(page.getByRole("article")).toContainText("Harbour");
    await page.goto("/my/sign-in");
    await signInAt(page, staff, account, "Connect Harbour staff");
    await expect(page.getByText("Harbour staff is connected.")).toBeVisible();
    await signOut(page);
    await signInAt(page, staff, account);
    await expect(page.getByRole("article")).toContainText("Harbour");
  });
});

for (const sign_up of ["open", "closed"]) {
  test.describe(`a new server at a public URL, ${sign_up}`, () => {
    test.use({
      ownProvost: async ({}, use) => withProvost({ publicHost: "provost.test", settings: { sign_up, ...LIMITS } }, use),
      baseURL: async ({ ownProvost }, use) => use(ownProvost.publicUrl),
    });

    test("prints a link that makes the first person, an administrator", async ({ page, browser, ownProvost, monitor }) => {
      // The browser says so of every server that it reaches by http under a name.
      monitor.allow(/Cross-Origin-Opener-Policy header has been ignored/);
      const [replaced] = setupLinks(ownProvost);
      expect(replaced).toMatch(/^\/register\?setup=\w+$/);
      await ownProvost.stop();
      await ownProvost.launch();
      const [, link] = setupLinks(ownProvost);
      await register(page, newAddress(), replaced);
      await expect(page.getByText("This setup link is no longer valid.")).toBeVisible();

      await page.goto(link);
      await expect(page.getByText("This is the first account. It administers the server.")).toBeVisible();
      await page.waitForLoadState("networkidle");
      await expectAccessible(page);
      await register(page, newAddress(), link);
      await expect(page.getByRole("heading", { name: NO_WORKSPACE })).toBeVisible();
      await page.goto("/server/services");
      await expect(page.getByRole("heading", { level: 1, name: "Server" })).toBeVisible();

      const other = await (await browser.newContext({ baseURL: ownProvost.publicUrl })).newPage();
      await register(other, newAddress(), link);
      await expect(other.getByText("This setup link is no longer valid.")).toBeVisible();
      await expectSignedOut(other);
      await other.context().close();

      await ownProvost.stop();
      await ownProvost.launch();
      expect(setupLinks(ownProvost).length, "no link, because there is a person").toBe(2);
      expect(ownProvost.log().includes("everybody who reaches this server can register")).toBe(sign_up === "open");
    });
  });
}

/** Leads to a provider from the page to sign in and back to it, where the sentence is, and without a session. */
async function expectRefused(page: Page, choose: () => Promise<void>, sentence: string | RegExp): Promise<void> {
  await page.goto("/sign-in");
  await choose();
  await expect(page.getByText(sentence)).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  await expectAccessible(page);
  await expectSignedOut(page);
}

/** The paths of the links that the server has printed at each start. */
function setupLinks(provost: Provost): string[] {
  const links = [...provost.log().matchAll(/^Create the first account, an administrator: (\S+)$/gm)];
  return links.map(([, link]) => {
    const { origin, pathname, search } = new URL(link);
    expect(origin).toBe(provost.publicUrl);
    return pathname + search;
  });
}
