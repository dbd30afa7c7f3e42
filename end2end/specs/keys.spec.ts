/** A key is shown once: afterwards it is nowhere. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { addresses, furnish } from "../house/furnished";
import { expect, test } from "../house/test";
import { hydrated } from "../house/watch";

test("after its dialog a key is in no page, log or file", async ({ page, person, provost, signedIn }) => {
  test.setTimeout(180_000);
  const furnished = await furnish(person);
  await page.goto("/my/api-keys");
  await hydrated(page);
  await page.getByRole("button", { name: "Create key" }).click();
  const making = page.getByRole("dialog", { name: "Create an API key" });
  await making.getByLabel("Name").fill("ci");
  await making.getByLabel("Expires").selectOption({ label: "Never" });
  await making.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog", { name: "Copy your key now" });
  const key = await dialog.locator(".copyf .what").innerText();
  expect(key).toMatch(/^pnu_[0-9A-Za-z]{36}$/);
  const works = () => page.request.get("/api/me/workspaces", { headers: { authorization: `Bearer ${key}` } });
  expect((await works()).status()).toBe(200);

  await page.reload();
  const row = page.getByRole("row").filter({ has: page.getByText("ci", { exact: true }) });
  await expect(row).toContainText("Never");
  await expect(row).toContainText(key.slice(-4));
  const bodies = new Bodies(page);
  for (const { path } of addresses(furnished)) {
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    bodies.keep(path, await page.content());
    await bodies.all();
  }
  await walk(page);
  const answers = await bodies.all();
  const listed = answers.filter(({ path }) => path === "/ui/api-keys");
  expect(listed.length, "a script has asked for the keys").toBeGreaterThan(4);
  for (const { text } of listed) expect(text, "its end is shown: the search works").toContain(key.slice(-4));
  answers.push({ path: "log", text: provost.log() }, ...filesIn(provost.data));
  expect(answers.filter(({ text }) => text.includes(key)).map(({ path }) => path)).toEqual([]);

  await page.goto("/my/api-keys");
  await hydrated(page);
  await page.getByRole("button", { name: "Delete ci" }).click();
  await page.getByRole("dialog", { name: "Delete ci?" }).getByRole("button", { name: "Delete key" }).click();
  await expect(page.getByRole("button", { name: "Delete ci" })).toBeHidden();
  expect((await works()).status()).toBe(401);
});

test("keys are searched and sorted in the address", async ({ page, person, provost, signedIn }) => {
  for (const name of ["abacus", "zither"]) await provost.admin("create-key", { user: person.handle, name });
  await page.goto("/my/api-keys?sort=name");
  const names = page.locator("main .row .name");
  await expect(names).toHaveText(["abacus", "laptop", "zither"]);
  await hydrated(page);
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

test("a new key stays in view until it is stored, whatever becomes of the list", async ({ page, signedIn, watch }) => {
  watch.expects(/\/ui\/api-keys|Failed to load/);
  await page.goto("/my/api-keys");
  await hydrated(page);
  await page.route("**/ui/api-keys*", (route) => route.abort("connectionrefused"));
  await page.getByRole("button", { name: "Create key" }).click();
  const making = page.getByRole("dialog", { name: "Create an API key" });
  await making.getByLabel("Name").fill("ci");
  await making.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog", { name: "Copy your key now" });
  await expect(page.getByText("Can’t load API keys")).toBeAttached();
  await expect(dialog.getByRole("button", { name: "Close" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(dialog.getByText(/^pnu_/).first()).toBeVisible();
  await dialog.getByLabel("I’ve stored it").check();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toBeHidden();
});

test("nothing leads away from a key before it is stored", async ({ page }) => {
  await page.goto("/register?to=/my/api-keys");
  await page.getByLabel("Name", { exact: true }).fill("Nell Gray");
  await page.getByLabel("Email").fill("nell@harbour.example");
  await page.getByLabel("Password").fill("a lamp outside the door");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByText("No keys yet")).toBeVisible();
  await hydrated(page);
  await page.getByRole("button", { name: "Create key" }).click();
  const making = page.getByRole("dialog", { name: "Create an API key" });
  await making.getByLabel("Name").fill("ci");
  await making.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog", { name: "Copy your key now" });
  await expect(dialog.getByText("You have no workspace yet. Create one")).toBeVisible();
  await expect(dialog.getByRole("link")).toHaveCount(0);
  await dialog.getByLabel("I’ve stored it").check();
  await dialog.getByRole("link", { name: "Create one" }).click();
  await expect(page.getByRole("heading", { name: "New workspace" })).toBeVisible();
});

test("columns have names, and say which way they are sorted", async ({ page, signedIn }) => {
  await page.goto("/my/api-keys?sort=expires");
  const table = page.getByRole("table", { name: "API keys" });
  await expect(table.getByRole("columnheader")).toHaveText(["Name", "Ends with", "Created", "Expires", "Last used", "Delete"]);
  await expect(table.getByRole("row").nth(1).getByRole("cell")).toHaveCount(6);
  await expect(table.getByRole("columnheader", { name: "Expires" })).toHaveAttribute("aria-sort", "ascending");
  await expect(table.locator("[aria-sort]")).toHaveCount(1);
  const icons = table.getByRole("columnheader").locator("use");
  const drawn = await icons.evaluateAll((icons) => icons.map((icon) => icon.getAttribute("href")?.split("#")[1]));
  expect(drawn).toEqual(["i-updown", "i-updown", "i-up", "i-updown"]);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("keys are sorted too, say how old they are, and help is in the menu", async ({ page, person, signedIn, provost }) => {
    await provost.admin("create-key", { user: person.handle, name: "abacus" });
    await page.goto("/my/api-keys");
    const names = page.locator("main .row .name");
    await expect(names).toHaveText(["abacus", "laptop"]);
    await expect(page.getByRole("row").filter({ hasText: "abacus" })).toContainText(/Created Today.*Last used: Not yet/);
    await hydrated(page);
    const order = page.getByLabel("Order of the keys");
    await order.selectOption("last-used");
    await expect(names).toHaveText(["laptop", "abacus"]);
    expect(new URL(page.url()).searchParams.get("sort")).toBe("last-used");
    await page.goBack();
    await expect(names).toHaveText(["abacus", "laptop"]);
    await expect(order).toHaveValue("newest");

    await page.locator("summary[aria-label^='Account menu']:visible").click();
    await page.getByRole("link", { name: "Help" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Help" })).toBeVisible();
  });
});

interface Text {
  path: string;
  text: string;
}

/** What the server answers to a page and to its scripts; the site's own files are left out. */
class Bodies {
  private readonly coming: Promise<Text>[] = [];

  constructor(page: Page) {
    page.on("response", (response) => {
      const { pathname: path } = new URL(response.url());
      const isFile = /\.\w+$/.test(path);
      const isRedirect = response.status() >= 300 && response.status() < 400;
      if (!isFile && !isRedirect) this.coming.push(response.text().then((text) => ({ path, text })));
    });
  }

  keep(path: string, text: string): void {
    this.coming.push(Promise.resolve({ path, text }));
  }

  /** To be awaited before a page is left: the browser forgets what it got for it. */
  all(): Promise<Text[]> {
    return Promise.all(this.coming);
  }
}

/** Through one's settings and the workspaces as people go, by heads of columns, tabs and links: scripts ask for what is shown. */
async function walk(page: Page): Promise<void> {
  await page.goto("/my/api-keys");
  await hydrated(page);
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
