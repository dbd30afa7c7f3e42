/** `prefect cloud login` without a key: the client opens a page, on which the person approves or denies. */
import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/accessibility";
import { LoginTerminal } from "../support/login-terminal";
import { Person } from "../support/person";
import { Shell } from "../support/shell";
import { terminalText } from "../support/terminal";
import { expect, test } from "../support/test";

const QUESTION = "Let a terminal sign in as you?";
const REFUSED = "This link can’t be used";
/** No client waits there. */
const UNUSED = "/auth/client?callback=http%3A//localhost%3A1";
const CLIENT_VERSIONS = ["2.20.26", "3.8.8"];

/** Links that would send the key elsewhere, or that a browser might read otherwise than the server. */
const HOSTILE_CALLBACKS = [
  "",
  "https://prefect-login.example/callback",
  "http://evil.example:53187",
  "https://localhost:53187",
  "HTTP://localhost:53187",
  "//localhost:53187",
  "javascript:alert(1)",
  "http://localhost",
  "http://localhost:0",
  "http://localhost:080",
  "http://localhost:65536",
  "http://localhost:53187/",
  "http://localhost:53187/success",
  "http://localhost:53187?a=b",
  "http://localhost:53187#a",
  "http://localhost:53187@evil.example",
  "http://ann:pw@localhost:53187",
  "http://localhost.:53187",
  "http://LOCALHOST:53187",
  "http://localhost.evil.example:53187",
  "http://localhost:53187\\@evil.example",
  "http://[::1]:53187",
  "http://127.1:53187",
  "http://2130706433:53187",
  "http://0.0.0.0:53187",
];

for (const version of CLIENT_VERSIONS) {
  test.describe(`client ${version}`, () => {
    test.use({
      shell: async ({}, use) => {
        const shell = new Shell(version);
        await use(shell);
        shell.dispose();
      },
    });

    test("approve: the terminal is signed in with the key", async ({ page, person, signedIn, provost, shell }) => {
      test.setTimeout(180_000);
      const terminal = await LoginTerminal.start(shell, provost);
      await openQuestion(page, terminal.url);
      const details = page.getByRole("main");
      await expect(details).toContainText(`${person.handle} (${person.handle})`);
      await expect(details).toContainText(`On this computer, port ${terminal.port}`);
      await expect(details).toContainText("on Linux, 127.0.0.1");
      await expect(details).toContainText("Everything you can, in your workspace");
      await expect(page.getByLabel("Key name")).toHaveValue(/^cli \d{4}-\d\d-\d\d$/);
      await expectAccessible(page);
      await page.getByLabel("Key name").fill(`terminal ${version}`);
      await page.getByRole("button", { name: "Approve" }).click();

      const heading = page.getByRole("heading", { name: "The terminal is signed in" });
      await expect(heading).toBeFocused();
      await expect(details).toContainText(`terminal ${version}`);
      await expect(details).toContainText("In 30 days");
      await expectAccessible(page);
      const { code, output } = await terminal.end();
      expect(code, output).toBe(0);
      expect(output).toContain(`${person.handle}/harbour`);
      const run = await person.client.createRun({ flow: "Tides" });
      expect(await shell.run(`prefect flow-run inspect ${run.id}`)).toContain(run.name);

      await page.getByRole("link", { name: "Delete the key" }).click();
      const row = page.getByRole("row").filter({ hasText: `terminal ${version}` });
      await expect(row).toContainText("In 30 days");
    });

    test("deny: the terminal says so, and there is no key", async ({ page, person, signedIn, provost, shell }) => {
      test.setTimeout(120_000);
      const terminal = await LoginTerminal.start(shell, provost);
      await openQuestion(page, terminal.url);
      await page.getByRole("button", { name: "Deny" }).click();
      await expect(page.getByRole("heading", { name: "Denied" })).toBeFocused();
      await expect(page.getByText("No key was created, and the terminal has stopped waiting.")).toBeVisible();
      await expectAccessible(page);
      const { code, output } = await terminal.end();
      expect(code, output).toBe(1);
      expect(output).toContain("Failed to log in. The request was denied in the browser.");
      await expectOnlyKeysOf(page, person);
    });

    test("a person who is signed out signs in first", async ({ page, person, provost, shell }) => {
      test.setTimeout(180_000);
      const terminal = await LoginTerminal.start(shell, provost);
      await page.goto(terminal.url);
      await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
      await page.waitForLoadState("networkidle");
      await person.signIn(page);
      await expectQuestion(page);
      await page.getByRole("button", { name: "Approve" }).click();
      await expect(page.getByRole("heading", { name: "The terminal is signed in" })).toBeVisible();
      const { code, output } = await terminal.end();
      expect(code, output).toBe(0);
    });
  });
}

test("a key that does not reach the terminal can be pasted, and deleted", async ({ page, person, signedIn, provost, shell, monitor }) => {
  test.setTimeout(180_000);
  monitor.allow(/ERR_FAILED|ERR_CONNECTION_REFUSED/);
  const terminal = await LoginTerminal.start(shell, provost);
  await openQuestion(page, terminal.url);
  // The browser blocks the request.
  await page.route("http://localhost:*/**", (route) => route.abort());
  await page.getByRole("button", { name: "Approve" }).click();
  const heading = page.getByRole("heading", { name: "The key didn’t reach the terminal" });
  await expect(heading).toBeFocused();
  await expect(page.getByText(`couldn’t connect to port ${terminal.port}`)).toBeVisible();
  await expectAccessible(page);
  const key = await page.locator(".copyf .what").innerText();
  expect(key).toMatch(/^pnu_[0-9A-Za-z]{36}$/);
  expect(await terminalText(page, "Terminal")).toMatch(/^prefect cloud login --key pnu_\w{4}…\w{5}$/);

  await page.unroute("http://localhost:*/**");
  await page.getByRole("button", { name: "Try the terminal again" }).click();
  await expect(page.getByRole("heading", { name: "The terminal is signed in" })).toBeVisible();
  expect((await terminal.end()).code).toBe(0);

  const next = await LoginTerminal.start(await loggedOut(shell), provost);
  await openQuestion(page, next.url);
  await next.stop();
  await page.getByRole("button", { name: "Approve" }).click();
  await expect(heading).toBeFocused();
  const pasted = await page.locator(".copyf .what").innerText();
  await shell.run(`prefect cloud login --key ${pasted} -w ${person.handle}/harbour`);
  await page.getByRole("button", { name: "Delete this key" }).click();
  await expect(page.getByRole("heading", { name: "Key deleted" })).toBeFocused();
  await expectAccessible(page);
  const response = await page.request.get("/api/me/workspaces", { headers: { authorization: `Bearer ${pasted}` } });
  expect(response.status()).toBe(401);
});

test("a terminal that has stopped waiting is not asked about any more", async ({ page, person, signedIn }) => {
  await page.clock.install();
  await openQuestion(page, UNUSED);
  await page.clock.fastForward("01:30");
  await expect(page.getByText(/^The terminal waits another \d\ds$/)).toBeVisible();
  await page.clock.fastForward("00:31");
  await expect(page.getByRole("heading", { name: "The terminal has stopped waiting" })).toBeFocused();
  await expect(page.getByRole("button", { name: "Approve" })).toBeHidden();
  await expect(page.getByRole("main")).toContainText("run prefect cloud login in the terminal again");
  await expectAccessible(page);
  await expectOnlyKeysOf(page, person);
});

test("a hostile link is refused before a key is made", async ({ page, person, signedIn }) => {
  test.setTimeout(120_000);
  for (const callback of HOSTILE_CALLBACKS) {
    const response = await page.goto(`/auth/client?callback=${encodeURIComponent(callback)}`);
    await expect(page.getByRole("heading", { name: REFUSED })).toBeVisible();
    await expect(page.getByRole("button", { name: "Approve" })).toHaveCount(0);
    const policy = response?.headers()["content-security-policy"] ?? "";
    expect(policy, callback).toContain("connect-src 'self';");
    const form = { decision: "approve", name: "cli" };
    const headers = { accept: "text/html", origin: new URL(page.url()).origin };
    const posted = await page.request.post(`/auth/client?callback=${encodeURIComponent(callback)}`, { form, headers });
    expect(await posted.text(), callback).toContain(REFUSED);
  }
  await expectAccessible(page);
  await expectOnlyKeysOf(page, person);
});

test("somebody else signs in and comes back", async ({ page, person, signedIn, provost }) => {
  const other = await Person.create(provost);
  await openQuestion(page, UNUSED);
  await expect(page.getByRole("main")).toContainText(`(${person.handle})`);
  await page.getByRole("button", { name: "Not you?" }).click();
  await expect(page.getByText("You’re signed out.")).toBeVisible();
  await page.waitForLoadState("networkidle");
  await other.signIn(page);
  await expectQuestion(page);
  await expect(page.getByRole("main")).toContainText(`(${other.handle})`);
});

test("a key without a name is refused at its field", async ({ page, person, signedIn }) => {
  await openQuestion(page, UNUSED);
  await page.getByLabel("Key name").fill(" ");
  await page.getByRole("button", { name: "Approve" }).click();
  await expect(page.getByLabel("Key name")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Key name")).toBeFocused();
  await expectAccessible(page);
  await expectOnlyKeysOf(page, person);
});

test("the page fits on a phone", async ({ page, signedIn }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openQuestion(page, UNUSED);
  await expectAccessible(page);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("an approved key is shown to be pasted, a denial makes none", async ({ page, person, signedIn }) => {
    await page.goto(UNUSED);
    await page.getByRole("button", { name: "Deny" }).click();
    await expect(page.getByRole("heading", { name: "Denied" })).toBeVisible();
    await expectOnlyKeysOf(page, person);

    await page.goto(UNUSED);
    await page.getByLabel("Key name").fill("pasted");
    await page.getByRole("button", { name: "Approve" }).click();
    await expect(page.getByRole("heading", { name: "Copy your key now" })).toBeVisible();
    const key = await page.locator(".copyf .what").innerText();
    const response = await page.request.get("/api/me/workspaces", { headers: { authorization: `Bearer ${key}` } });
    expect(response.status()).toBe(200);
    await page.getByRole("button", { name: "Delete this key" }).click();
    await expect(page.getByRole("heading", { name: "Your settings" })).toBeVisible();
    await expectOnlyKeysOf(page, person);
  });
});

/** Opens the link of a client and waits until scripts have taken over the page. */
async function openQuestion(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expectQuestion(page);
}

async function expectQuestion(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { name: QUESTION })).toBeVisible();
  // The first text, of two whole minutes, is the server's.
  await expect(page.getByText(/^The terminal waits another (1m \d\ds|\d\ds)$/)).toBeVisible();
}

/** The shell after its client has forgotten the key and the last page that it opened. */
async function loggedOut(shell: Shell): Promise<Shell> {
  await shell.run("prefect cloud logout && rm opened-url");
  return shell;
}

/** The list has only the key with which the person was created. */
async function expectOnlyKeysOf(page: Page, person: Person): Promise<void> {
  await page.goto("/my/api-keys");
  const names = page.locator("main .row .name");
  await expect(names, `keys of ${person.handle}`).toHaveText(["laptop"]);
}
