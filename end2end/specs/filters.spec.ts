/** The list of runs: filters stand in the address, and pages follow each other without a gap. */
import { expect, test } from "../house/test";
import { hydrated } from "../house/watch";

test("filters are chosen, stand in the address and can be taken off", async ({ page, person, signedIn }) => {
  const { client } = person;
  const good = await client.run({ flow: "Tides" });
  await client.finish(good);
  const bad = await client.run({ flow: "Ships" });
  await client.finish(bad, "FAILED", "No pilot");
  const main = page.getByRole("main");

  await page.goto(person.runs);
  await hydrated(page);
  await expect(main.getByText("2 flow runs")).toBeVisible();
  await page.locator("summary", { hasText: "Filters" }).click();
  await page.getByLabel("Failed").check();
  await page.getByLabel("Started").selectOption("1h");
  await page.getByRole("button", { name: "Show runs" }).click();
  await expect(main.getByText("1 flow run", { exact: true })).toBeVisible();
  await expect(main.getByText(bad.name)).toBeVisible();
  await expect(main.getByText(good.name)).toBeHidden();
  const { searchParams } = new URL(page.url());
  expect(searchParams.getAll("state")).toEqual(["failed"]);
  expect(searchParams.get("started")).toBe("1h");

  await page.reload();
  await expect(main.getByText(bad.name)).toBeVisible();
  await expect(main.getByText(good.name)).toBeHidden();
  await hydrated(page);
  await page.getByRole("link", { name: "Remove the filter State" }).click();
  await expect(main.getByText(good.name)).toBeVisible();
  expect(new URL(page.url()).searchParams.get("started")).toBe("1h");

  await page.goto(`${person.runs}?state=crashed`);
  await expect(page.getByRole("heading", { name: "No runs match" })).toBeVisible();
  await page.getByRole("link", { name: /clear/i }).click();
  await expect(main.getByText("2 flow runs")).toBeVisible();
});

test("pages of the list follow each other, newest first", async ({ page, person, signedIn }) => {
  const names: string[] = [];
  for (let made = 0; made < 60; made++) names.unshift((await person.client.run({ flow: `Tide ${made}` })).name);
  const rows = page.getByRole("main").locator("a[href*='/flow-run/']");

  await page.goto(person.runs);
  await expect(page.getByText("1 to 50 of 60")).toBeVisible();
  const first = (await rows.allInnerTexts()).join("\n");
  await hydrated(page);
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page.getByText("51 to 60 of 60")).toBeVisible();
  await expect(rows).toHaveCount(10);
  const second = (await rows.allInnerTexts()).join("\n");
  const seen = `${first}\n${second}`;
  const places = names.map((_, place) => seen.indexOf(`Tide ${59 - place} /`));
  expect(places, "each run once, in order").toEqual([...places].sort((one, other) => one - other));
  expect(places).not.toContain(-1);

  await page.getByRole("link", { name: "Previous page" }).click();
  await expect(page.getByText("1 to 50 of 60")).toBeVisible();
  await expect(rows).toHaveCount(50);
});
