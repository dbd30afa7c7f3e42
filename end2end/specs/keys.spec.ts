/** A key is shown only once, and cannot be read later. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { accountMenu } from "../support/account-menu";
import { terminalText } from "../support/terminal";
import { signedInPages, populate } from "../support/workspace";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

test("a key appears in no page, log or file after its dialog", async ({ page, person, provost, signedIn }) => {
  test.setTimeout(180_000);
  const fixture = await populate(person);
  await page.goto("/my/api-keys");
  await waitForHydration(page);
  await page.getByRole("button", { name: "Create key" }).click();
  const createDialog = page.getByRole("dialog", { name: "Create an API key" });
  await createDialog.getByLabel("Name").fill("ci");
  await createDialog.getByLabel("Expires").selectOption({ label: "Never" });
  await createDialog.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog", { name: "Copy your key now" });
  const key = await dialog.locator(".copyf .what").innerText();
  expect(key).toMatch(/^pnu_[0-9A-Za-z]{36}$/);
  const requestWithKey = () => page.request.get("/api/me/workspaces", { headers: { authorization: `Bearer ${key}` } });
  expect((await requestWithKey()).status()).toBe(200);

  await page.reload();
  const row = page.getByRole("row").filter({ has: page.getByText("ci", { exact: true }) });
  await expect(row).toContainText("Never");
  await expect(row).toContainText(key.slice(-4));
  const bodies = new ResponseBodies(page);
  for (const { path } of signedInPages(fixture)) {
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    bodies.add(path, await page.content());
    await bodies.all();
  }
  await visitSettingsAndWorkspaces(page);
  const texts = await bodies.all();
  const listed = texts.filter(({ path }) => path === "/ui/api-keys");
  expect(listed.length, "scripts have requested the keys").toBeGreaterThan(4);
  for (const { text } of listed) expect(text, "the last characters are shown, so a search in the texts works").toContain(key.slice(-4));
  texts.push({ path: "log", text: provost.log() }, ...filesIn(provost.data));
  expect(texts.filter(({ text }) => text.includes(key)).map(({ path }) => path)).toEqual([]);

  await page.goto("/my/api-keys");
  await waitForHydration(page);
  await page.getByRole("button", { name: "Delete ci" }).click();
  await page.getByRole("dialog", { name: "Delete ci?" }).getByRole("button", { name: "Delete key" }).click();
  await expect(page.getByRole("button", { name: "Delete ci" })).toBeHidden();
  expect((await requestWithKey()).status()).toBe(401);
});

test("a new key comes with two commands, which copy it whole", async ({ page, context, signedIn }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/my/api-keys");
  await waitForHydration(page);
  await page.getByRole("button", { name: "Create key" }).click();
  const createDialog = page.getByRole("dialog", { name: "Create an API key" });
  await createDialog.getByLabel("Name").fill("ci");
  await createDialog.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog", { name: "Copy your key now" });
  const field = dialog.locator(".copyf");
  const key = await field.locator(".what").innerText();
  const short = `${key.slice(0, 8)}…${key.slice(-5)}`;
  const copied = async (title: string) => {
    await dialog.getByRole("button", { name: `Copy “${title}”`, exact: true }).click();
    return (await page.evaluate(() => navigator.clipboard.readText())).split("\n");
  };

  const shown = (await terminalText(dialog, "Sign in from a terminal")).split("\n");
  expect(shown).toHaveLength(2);
  expect(shown[0]).toContain("prefect config set PREFECT_CLOUD_API_URL=");
  expect(shown[1]).toMatch(new RegExp(`^prefect cloud login --key ${short} -w .+/harbour$`));
  expect(await copied("Sign in from a terminal")).toEqual([shown[0], shown[1]?.replace(short, key)]);

  const folded = ["Manual setup, without prefect cloud login", "Client 2.0", "Client 2.0, manual setup"];
  for (const title of folded) await expect(dialog.getByText(title, { exact: true })).toBeHidden();
  await dialog.getByText("Client 2.0 or manual setup").click();
  for (const title of folded) {
    const text = await terminalText(dialog, title);
    expect(text).toContain(short);
    expect(await copied(title)).toEqual(text.replace(short, key).split("\n"));
  }
  expect(await dialog.locator(".term").allTextContents()).not.toContainEqual(expect.stringContaining(key));

  await field.getByRole("button", { name: "Copy API key" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key);
  expect(await field.evaluate((field) => getComputedStyle(field).overflow), "the ring of the button is not cut").toBe("visible");
});

test("a key of the first-run page is shown only there", async ({ page, person, signedIn, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const path = `${await person.createWorkspace("Quay")}/first-run`;
  await page.goto(path);
  await waitForHydration(page);
  // Folded, because another key was used in the workspace.
  await page.getByRole("heading", { name: "Sign in", exact: true }).click();
  await page.getByLabel("Key name").fill("quay");
  await page.getByRole("button", { name: "Create key" }).click();
  const commands = page.locator(".cl", { hasText: "Key quay created" });
  await expect(commands.locator(".what")).toContainText(/--key pnu_\w{4}…\w{5} -w /);

  await page.getByRole("link", { name: "Flow runs" }).click();
  const question = page.getByRole("dialog", { name: "Leave without the key?" });
  await question.getByRole("button", { name: "Stay" }).click();
  await expect(question).toBeHidden();
  await commands.getByRole("button", { name: "Copy the commands for step 2" }).click();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  const key = text.match(/pnu_[0-9A-Za-z]{36}/)?.[0] ?? "";
  expect(text).toMatch(/^prefect config set .*\nprefect cloud login --key pnu_\w{36} -w .*\/quay$/);
  const response = await page.request.get("/api/me/workspaces", { headers: { authorization: `Bearer ${key}` } });
  expect(response.status()).toBe(200);

  await page.getByRole("link", { name: "Flow runs" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Flow runs" })).toBeVisible();
  await page.goBack();
  await expect(page.getByLabel("Key name")).toBeAttached();
  expect(await page.content()).not.toContain(key.slice(0, 8));
});

test("search and sort order of keys are kept in the URL", async ({ page, person, provost, signedIn }) => {
  for (const name of ["abacus", "zither"]) await provost.admin("create-key", { user: person.handle, name });
  await page.goto("/my/api-keys?sort=name");
  const names = page.locator("main .row .name");
  await expect(names).toHaveText(["abacus", "laptop", "zither"]);
  await waitForHydration(page);
  await page.getByLabel("Find a key").fill("zit");
  await page.getByLabel("Find a key").press("Enter");
  await expect(names).toHaveText(["zither"]);
  expect(new URL(page.url()).searchParams.get("search")).toBe("zit");
  await page.getByLabel("Find a key").fill("nothing");
  await page.getByLabel("Find a key").press("Enter");
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(names).toHaveCount(3);
  await expect(page.getByLabel("Find a key")).toHaveValue("");
});

test("a new key stays visible when the list fails to load", async ({ page, signedIn, monitor }) => {
  monitor.allow(/\/ui\/api-keys|Failed to load/);
  await page.goto("/my/api-keys");
  await waitForHydration(page);
  await page.route("**/ui/api-keys*", (route) => route.abort("connectionrefused"));
  await page.getByRole("button", { name: "Create key" }).click();
  const createDialog = page.getByRole("dialog", { name: "Create an API key" });
  await createDialog.getByLabel("Name").fill("ci");
  await createDialog.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog", { name: "Copy your key now" });
  await expect(page.getByText("Can’t load API keys")).toBeAttached();
  await expect(dialog.getByRole("button", { name: "Close" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(dialog.getByText(/^pnu_/).first()).toBeVisible();
  await dialog.getByLabel("I’ve saved the key").check();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toBeHidden();
});

test("a new key's dialog has no links until the key is saved", async ({ page }) => {
  await page.goto("/register?to=/my/api-keys");
  await page.getByLabel("Name", { exact: true }).fill("Nell Gray");
  await page.getByLabel("Email").fill("nell@harbour.example");
  await page.getByLabel("Password").fill("a lamp outside the door");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByText("No keys yet")).toBeVisible();
  await waitForHydration(page);
  await page.getByRole("button", { name: "Create key" }).click();
  const createDialog = page.getByRole("dialog", { name: "Create an API key" });
  await createDialog.getByLabel("Name").fill("ci");
  await createDialog.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog", { name: "Copy your key now" });
  await expect(dialog.getByText("You have no workspace yet. Create one")).toBeVisible();
  await expect(dialog.getByRole("link")).toHaveCount(0);
  await dialog.getByLabel("I’ve saved the key").check();
  await dialog.getByRole("link", { name: "Create one" }).click();
  await expect(page.getByRole("heading", { name: "New workspace" })).toBeVisible();
});

test("columns have names and show their sort direction", async ({ page, signedIn }) => {
  await page.goto("/my/api-keys?sort=expires");
  const table = page.getByRole("table", { name: "API keys" });
  await expect(table.getByRole("columnheader")).toHaveText(["Name", "Ends with", "Created", "Expires", "Last used", "Delete"]);
  await expect(table.getByRole("row").nth(1).getByRole("cell")).toHaveCount(6);
  await expect(table.getByRole("columnheader", { name: "Expires" })).toHaveAttribute("aria-sort", "ascending");
  await expect(table.locator("[aria-sort]")).toHaveCount(1);
  const icons = table.getByRole("columnheader").locator("use");
  const iconNames = await icons.evaluateAll((icons) => icons.map((icon) => icon.getAttribute("href")?.split("#")[1]));
  expect(iconNames).toEqual(["i-updown", "i-updown", "i-up", "i-updown"]);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("keys can be sorted, show their age, and the menu has help", async ({ page, person, signedIn, provost }) => {
    await provost.admin("create-key", { user: person.handle, name: "abacus" });
    await page.goto("/my/api-keys");
    const names = page.locator("main .row .name");
    await expect(names).toHaveText(["abacus", "laptop"]);
    await expect(page.getByRole("row").filter({ hasText: "abacus" })).toContainText(/Created: Today.*Last used: never/);
    await waitForHydration(page);
    const order = page.getByLabel("Sort order");
    await order.selectOption("last-used");
    await expect(names).toHaveText(["laptop", "abacus"]);
    expect(new URL(page.url()).searchParams.get("sort")).toBe("last-used");
    await page.goBack();
    await expect(names).toHaveText(["abacus", "laptop"]);
    await expect(order).toHaveValue("newest");

    await accountMenu(page).click();
    await page.getByRole("link", { name: "Help" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Help" })).toBeVisible();
  });
});

interface Text {
  path: string;
  text: string;
}

/** Response bodies of a page and its scripts, without static files. */
class ResponseBodies {
  private readonly pending: Promise<Text>[] = [];

  constructor(page: Page) {
    page.on("response", (response) => {
      const { pathname: path } = new URL(response.url());
      const isFile = /\.\w+$/.test(path);
      const isRedirect = response.status() >= 300 && response.status() < 400;
      if (!isFile && !isRedirect) this.pending.push(response.text().then((text) => ({ path, text })));
    });
  }

  add(path: string, text: string): void {
    this.pending.push(Promise.resolve({ path, text }));
  }

  /** Must be awaited before leaving a page, because the browser then discards its responses. */
  all(): Promise<Text[]> {
    return Promise.all(this.pending);
  }
}

/** Visits settings and workspaces through column headers, tabs and links, so that scripts request the data. */
async function visitSettingsAndWorkspaces(page: Page): Promise<void> {
  await page.goto("/my/api-keys");
  await waitForHydration(page);
  for (const name of ["Name", "Expires", "Last used", "Created"]) {
    const column = page.getByRole("columnheader", { name });
    await column.getByRole("link").click();
    await expect(column).toHaveAttribute("aria-sort", /^(a|de)scending$/);
  }
  const tabs = page.getByRole("navigation", { name: "Your settings" });
  await tabs.getByRole("link", { name: "Sign-in" }).click();
  await expect(page.getByLabel("Current password")).toBeVisible();
  await tabs.getByRole("link", { name: "API keys" }).click();
  await expect(page.getByRole("row").filter({ hasText: "laptop" })).toBeVisible();
  await page.getByRole("link", { name: /all workspaces/i }).click();
  await page.getByRole("article").getByRole("link", { name: "Harbour", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Flow runs" })).toBeVisible();
}

function filesIn(folder: string): Text[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((file) => join(file.parentPath ?? file.path, file.name));
  return paths.map((path) => ({ path, text: readFileSync(path, "latin1") }));
}
