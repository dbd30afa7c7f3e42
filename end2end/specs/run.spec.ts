/** One run: where its page is scrolled to, and what it tells wide and narrow. */
import type { Page } from "@playwright/test";
import { expectGoodLooks } from "../house/looks";
import { expect, test } from "../house/test";
import { hydrated } from "../house/watch";

test("tabs and pages leave the reader where they are", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.run({ flow: "Tides" });
  await client.logs(run, Array.from({ length: 250 }, (_, number) => `Wave ${number}.`));
  for (let made = 0; made < 40; made++) await client.waitingTask(run, `wave-${made}`);
  await client.finish(run);
  await page.goto(person.page(run));
  await hydrated(page);
  await page.evaluate(() => scrollTo(0, 100));
  await page.getByRole("link", { name: /^Task runs/ }).click();
  await expect(page.getByText("wave-39", { exact: true })).toBeAttached();
  expect(await scrolled(page)).toBe(100);

  await page.getByRole("link", { name: /^Logs/ }).click();
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page.getByText("201 to 250 of 250")).toBeVisible();
  expect(await scrolled(page)).toBeGreaterThan(100);
  await page.getByRole("link", { name: "Oldest lines" }).click();
  await expect(page.getByText("1 to 200 of 250")).toBeAttached();
  expect(await scrolled(page)).toBeGreaterThan(100);
});

test("the first error leads to its line in the log, which is marked", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.run({ flow: "Ships" });
  await client.logs(run, Array.from({ length: 100 }, (_, number) => `Ship ${number}.`));
  await client.log(run, "No pilot answers", 40, new Date(Date.now() + 1_000));
  await client.finish(run, "FAILED", "No pilot answers");
  const marked = page.locator(".ln:target");

  await page.goto(person.page(run));
  await hydrated(page);
  await expect(marked).toHaveCount(0);
  await page.getByRole("link", { name: "Show in logs" }).click();
  await expect(marked).toContainText("No pilot answers");
  await expect(marked).toBeInViewport();

  await page.goto("/help");
  await page.goBack();
  await page.reload();
  await hydrated(page);
  await expect(marked).toContainText("No pilot answers");
  await expect(marked).toBeInViewport();
});

test("what is known about a run is shown whole at any width", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.run({ flow: "Tides", tags: ["nightly", "harbour-".repeat(12)] });
  const message = `The gauge says ${"very ".repeat(60)}much`;
  await client.task(run, "measure-0", "FAILED", message);
  await client.finish(run);
  await page.goto(`${person.page(run)}?tab=task-runs`);
  await hydrated(page);
  const facts = page.getByRole("main").locator("dl").first();
  for (const name of ["Started", "Ran for", "Ended", "Tags", "Run ID"]) {
    await expect(facts.getByText(name, { exact: true })).toBeVisible();
  }
  await expect(facts.getByText("harbour-")).toBeVisible();
  await expect(facts.getByRole("button", { name: /run ID/ })).toBeVisible();
  const said = page.getByRole("listitem").getByText(message);
  await expect(said).toBeVisible();
  expect(await said.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  await expectGoodLooks(page);
});

function scrolled(page: Page): Promise<number> {
  return page.evaluate(() => Math.round(scrollY));
}
