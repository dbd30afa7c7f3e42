/** The list of runs: filters are in the URL, and pages follow each other without a gap. */
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

test("filters are kept in the URL and can be removed", async ({ page, person, signedIn }) => {
  const { client } = person;
  const good = await client.createRun({ flow: "Tides" });
  await client.finish(good);
  const bad = await client.createRun({ flow: "Ships" });
  await client.finish(bad, "FAILED", "No pilot");
  const main = page.getByRole("main");

  await page.goto(person.runsPath);
  await waitForHydration(page);
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
  await waitForHydration(page);
  await page.getByRole("link", { name: "Remove the filter State" }).click();
  await expect(main.getByText(good.name)).toBeVisible();
  expect(new URL(page.url()).searchParams.get("started")).toBe("1h");

  await page.goto(`${person.runsPath}?state=crashed`);
  await expect(page.getByRole("heading", { name: "No runs match" })).toBeVisible();
  await page.getByRole("link", { name: /clear/i }).click();
  await expect(main.getByText("2 flow runs")).toBeVisible();
});

test("list pages have no gaps and are sorted newest first", async ({ page, person, signedIn }) => {
  const names: string[] = [];
  for (let number = 0; number < 60; number++) names.unshift((await person.client.createRun({ flow: `Tide ${number}` })).name);
  const rows = page.getByRole("main").locator("a[href*='/flow-run/']");

  await page.goto(person.runsPath);
  await expect(page.getByText("1 to 50 of 60")).toBeVisible();
  const first = (await rows.allInnerTexts()).join("\n");
  await waitForHydration(page);
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page.getByText("51 to 60 of 60")).toBeVisible();
  await expect(rows).toHaveCount(10);
  const second = (await rows.allInnerTexts()).join("\n");
  const text = `${first}\n${second}`;
  const positions = names.map((_, index) => text.indexOf(`Tide ${59 - index} /`));
  expect(positions, "runs in order").toEqual([...positions].sort((one, other) => one - other));
  expect(positions).not.toContain(-1);

  await page.getByRole("link", { name: "Previous page" }).click();
  await expect(page.getByText("1 to 50 of 60")).toBeVisible();
  await expect(rows).toHaveCount(50);
});
