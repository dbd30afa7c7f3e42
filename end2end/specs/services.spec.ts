/** The page of the server: its background services, for administrators only. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { accountMenu } from "../support/account-menu";
import { expectAccessible } from "../support/accessibility";
import { Provost } from "../support/provost";
import { expect, test as base } from "../support/test";
import { waitForHydration } from "../support/monitor";
import { ADMIN_PATHS } from "../support/workspace";

const [PATH] = ADMIN_PATHS;

const test = base.extend<{ local: Provost }>({
  local: async ({}, use) => {
    const provost = await Provost.start({ local: true });
    await use(provost);
    await provost.dispose();
  },
});

test("in local mode everybody sees each service", async ({ page, local }) => {
  await page.goto(local.url);
  await waitForHydration(page);
  await accountMenu(page).click();
  await page.getByRole("link", { name: "Server", exact: true }).click();
  await expect(page).toHaveURL(local.url + PATH);
  await expect(page.getByRole("heading", { level: 1, name: "Server" })).toBeVisible();
  const services = page.getByRole("table", { name: "Services" }).getByRole("row");
  for (const name of ["Late runs", "Leases", "Deleted workspaces", "Sessions", "Counters"]) {
    await expect(services.filter({ hasText: name })).toContainText(/\d+s ago.*every \d+.*(Nothing to do|\d+ [a-z ]+)0$/);
  }
  const count = (await services.count()) - 1;
  await expect(page.getByRole("main")).toContainText(`${count} of ${count} healthyNone failing`);
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectAccessible(page);
});

test("a failing service shows its error and the next attempt", async ({ page, local, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const rename = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('ALTER TABLE lease RENAME TO lost')";
  execFileSync("python3", ["-c", rename, join(local.data, "provost.db")]);
  await page.goto(local.url + PATH);
  await waitForHydration(page);
  const row = page.getByRole("row").filter({ hasText: "internal error" });
  // The service ticks every 15 seconds.
  await expect(async () => {
    await page.getByRole("link", { name: "Refresh" }).click();
    await expect(row).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  await expect(row).toContainText(/\d+ failures?, the first \d+s ago\. The next attempt is (in \d+s|now)\./);
  await expect(page.getByRole("main")).toContainText("Failing: Leases");
  await row.getByRole("button", { name: "Copy the error from Leases" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("internal error");
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectAccessible(page);
});

test("only an administrator finds the page", async ({ page, person, signedIn, provost, monitor }) => {
  monitor.allow(/404/);
  await page.goto(PATH);
  await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
  await provost.admin("grant-admin", { user: person.handle });
  await page.goto(PATH);
  await expect(page.getByRole("table", { name: "Services" })).toBeVisible();
  await provost.admin("revoke-admin", { user: person.handle });
  const response = await page.goto(PATH);
  expect(response?.status()).toBe(404);
});
