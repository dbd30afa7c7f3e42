/** The database is unreachable for a while. */
import { accountMenu } from "../support/account-menu";
import { expectAccessible } from "../support/accessibility";
import { Person } from "../support/person";
import { ProxiedDatabase } from "../support/proxied-database";
import { Provost } from "../support/provost";
import { expect, test as base } from "../support/test";
import { waitForHydration } from "../support/monitor";

const test = base.extend<{ database: ProxiedDatabase; ownProvost: Provost }>({
  database: async ({}, use) => {
    const database = await ProxiedDatabase.create();
    await use(database);
    await database.dispose();
  },
  ownProvost: async ({ database }, use) => {
    const provost = await Provost.start({ databaseUrl: database.url });
    await use(provost);
    await provost.dispose();
  },
  baseURL: async ({ ownProvost }, use) => use(ownProvost.url),
});

test("a database outage shows an error page, which loads again by itself", async ({ page, context, ownProvost, database, monitor }) => {
  const person = await Person.create(ownProvost);
  await person.signInByRequest(context);
  await page.goto("/");
  await waitForHydration(page);

  monitor.allow(/503/);
  await database.disconnect();
  await accountMenu(page).click();
  await page.getByRole("link", { name: "API keys" }).click();
  await expect(page.getByText("Can’t load API keys")).toBeVisible();
  await expectAccessible(page);

  for (const path of ["/", `${person.workspacePath}/settings`]) {
    const response = await page.goto(path);
    expect(response?.status(), path).toBe(503);
    expect(Number(response?.headers()["retry-after"]), path).toBeGreaterThan(0);
    await expect(page.getByRole("heading", { level: 1, name: "Can’t reach the server" })).toBeVisible();
    await expect(page.getByText("Your runs keep going. This page reloads automatically when the server is back.")).toBeVisible();
    await expectAccessible(page);
  }

  await database.reconnect();
  await expect(page.getByRole("heading", { level: 1, name: "Workspace settings" })).toBeVisible();
});
