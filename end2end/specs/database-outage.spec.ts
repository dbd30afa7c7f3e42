/** The database goes away and comes back. */
import { expectGoodLooks } from "../house/looks";
import { Person } from "../house/person";
import { GatedDatabase } from "../house/postgres";
import { Provost } from "../house/provost";
import { expect, test as base } from "../house/test";
import { hydrated } from "../house/watch";

const test = base.extend<{ database: GatedDatabase; ownProvost: Provost }>({
  database: async ({}, use) => {
    const database = await GatedDatabase.make();
    await use(database);
    await database.end();
  },
  ownProvost: async ({ database }, use) => {
    const provost = await Provost.start({ databaseUrl: database.url });
    await use(provost);
    await provost.end();
  },
  baseURL: async ({ ownProvost }, use) => use(ownProvost.url),
});

test("every page says so, with a way on that works when it is back", async ({ page, context, ownProvost, database, watch }) => {
  const person = await Person.make(ownProvost);
  await person.enter(context);
  await page.goto("/");
  await hydrated(page);

  watch.expects(/503/);
  await database.shut();
  await page.getByLabel(/^Account menu/).first().click();
  await page.getByRole("link", { name: "API keys" }).click();
  await expect(page.getByText("Can’t load API keys")).toBeVisible();
  await expectGoodLooks(page);

  for (const path of ["/", `${person.workspace}/settings`]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(503);
    expect(Number(answer?.headers()["retry-after"]), path).toBeGreaterThan(0);
    await expect(page.getByRole("heading", { level: 1, name: "The server can’t answer now" })).toBeVisible();
    await expect(page.getByText("Your runs go on. Try again in a moment.")).toBeVisible();
    await expectGoodLooks(page);
  }

  await database.open();
  await page.getByRole("link", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Workspace settings" })).toBeVisible();
});
