/** Every page, and its menus, dialogs and errors: accessible at both widths, in light and dark theme. */
import type { Locator, Page } from "@playwright/test";
import { accountMenu } from "../support/account-menu";
import { expectAccessible } from "../support/accessibility";
import { waitForHydration } from "../support/monitor";
import { expect, test } from "../support/test";
import { ADMIN_PATHS, populate, PUBLIC_PAGES, signedInPages } from "../support/workspace";

/** An open menu. What it covers is too small to be tapped, until it is closed. */
const MENU = "details[open]";

test("every page is accessible", async ({ page, person, signedIn, provost }) => {
  test.setTimeout(180_000);
  await provost.admin("grant-admin", { user: person.handle });
  for (const { path, heading, rows } of signedInPages(await populate(person))) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await expect(page.getByRole("main")).toContainText(rows[0]);
    await expectAccessible(page);
  }
  for (const path of ADMIN_PATHS) {
    await page.goto(path);
    await expectAccessible(page);
  }
});

test("every public page is accessible", async ({ page }) => {
  for (const { path, heading } of PUBLIC_PAGES) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await expectAccessible(page);
  }
});

test("menus, filters and shortcuts are accessible", async ({ page, person, signedIn, isMobile }) => {
  await person.client.finish(await person.client.createRun({ flow: "Ships" }), "FAILED", "No pilot answers");
  await person.client.createVariable("market_close", "17:30", ["finance"]);
  await visit(page, `${person.runsPath}?state=failed&started=7d`);
  await page.locator("summary", { hasText: "Filters" }).click();
  await expectAccessibleWith(page, page.getByRole("dialog", { name: "Filters" }).getByLabel("Failed"));
  await page.keyboard.press("Escape");
  await accountMenu(page).click();
  await expectAccessibleWith(page, page.getByRole("link", { name: "API keys" }), MENU);
  if (!isMobile) {
    await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
    await expectAccessibleWith(page, page.getByRole("dialog", { name: "Keyboard shortcuts" }));
  }
  await visit(page, person.variablesPath);
  await page.locator("summary[aria-label='Actions for market_close']").click();
  await expectAccessibleWith(page, page.getByRole("link", { name: "Delete" }), MENU);
});

test("the dialogs of keys and of a workspace are accessible", async ({ page, person, signedIn }) => {
  await visit(page, "/my/api-keys");
  const create = page.getByRole("button", { name: "Create key" }).first();
  await create.click();
  const dialog = page.getByRole("dialog", { name: "Create an API key" });
  await expectAccessibleWith(page, dialog);
  await dialog.getByLabel("Name").fill("ci");
  await dialog.getByRole("button", { name: "Create key" }).click();
  const newKey = page.getByRole("dialog", { name: "Copy your key now" });
  await newKey.getByText("Client 2.0 or manual setup").click();
  await expectAccessibleWith(page, newKey);
  await newKey.getByLabel("I’ve saved the key").check();
  await newKey.getByRole("button", { name: "Done" }).click();
  for (const name of ["ci", "laptop"]) {
    await page.getByRole("button", { name: `Delete ${name}` }).click();
    const remove = page.getByRole("dialog", { name: `Delete ${name}?` });
    await expect(remove).toBeVisible();
    if (name === "ci") await expectAccessible(page);
    await remove.getByRole("button", { name: "Delete key" }).click();
  }
  await expectAccessibleWith(page, page.getByText("No keys yet"));

  await visit(page, "/");
  await page.getByRole("link", { name: "Edit Harbour" }).click();
  await page.getByLabel("Description").fill("Ships");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expectAccessibleWith(page, page.locator(".toast", { hasText: "Workspace saved" }));
  await page.getByLabel("Description").fill("Tides");
  await page.evaluate(() => history.back());
  await expectAccessibleWith(page, page.getByRole("dialog", { name: "Leave without saving?" }));
});

test("forms with errors are accessible", async ({ page, person }) => {
  await page.goto("/register");
  await page.getByLabel("Name", { exact: true }).fill("Somebody Else");
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Create account" }).click();
  await expectAccessibleWith(page, page.getByRole("alert"));
  await page.goto("/sign-in");
  await person.signIn(page, "not the right words");
  await expectAccessibleWith(page, page.getByText("The email or password is incorrect."));
  await person.signIn(page);
  await expect(page.getByRole("heading", { level: 1, name: "Workspaces" })).toBeVisible();
  await visit(page, "/workspaces/new");
  await page.getByLabel("Name", { exact: true }).fill("Harbour");
  await page.getByRole("button", { name: "Create workspace" }).click();
  await expectAccessibleWith(page, page.getByRole("alert"));
});

test("runs are accessible while they run and where they failed", async ({ page, person, signedIn }) => {
  const { client } = person;
  const parent = await client.createRun({ flow: "Harbour", state: "RUNNING", tags: ["nightly"] });
  const calling = await client.createTaskRun(parent, "Child: ships-0");
  const child = await client.createRun({ flow: "Ships", parent: calling });
  await client.log(child, "The lamp smokes", 30);
  await visit(page, person.runPath(parent));
  await expectAccessibleWith(page, page.getByRole("banner").getByText("Live"));
  await client.log(child, "The lamp is out", 50);
  await client.runTask(child, "call-pilot", "FAILED", "No pilot answers");
  await client.finish(child, "FAILED", "1 task run failed");
  await visit(page, person.runPath(child));
  await page.getByRole("link", { name: "Show in logs" }).click();
  await expectAccessibleWith(page, page.locator(".ln:target"));
});

async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await waitForHydration(page);
}

/** Waits for what the state shows, then checks the page or a part of it. */
async function expectAccessibleWith(page: Page, shown: Locator, part?: string): Promise<void> {
  await expect(shown).toBeVisible();
  await expectAccessible(page, part);
}
