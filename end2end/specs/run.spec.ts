/** The page of one run: scroll position, and details at both widths. */
import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/accessibility";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

test("tabs and pagination keep the scroll position", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "Tides" });
  await client.logs(run, Array.from({ length: 250 }, (_, number) => `Wave ${number}.`));
  for (let number = 0; number < 40; number++) await client.createTaskRun(run, `wave-${number}`);
  await client.finish(run);
  await page.goto(person.runPath(run));
  await waitForHydration(page);
  await page.evaluate(() => scrollTo(0, 100));
  await page.getByRole("link", { name: /^Task runs/ }).click();
  await expect(page.getByText("wave-39", { exact: true })).toBeAttached();
  expect(await scrollPosition(page)).toBe(100);

  await page.getByRole("link", { name: /^Logs/ }).click();
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page.getByText("201 to 250 of 250")).toBeVisible();
  expect(await scrollPosition(page)).toBeGreaterThan(100);
  await page.getByRole("link", { name: "Oldest lines" }).click();
  await expect(page.getByText("1 to 200 of 250")).toBeAttached();
  expect(await scrollPosition(page)).toBeGreaterThan(100);
});

test("the first error links to its highlighted log line", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "Ships" });
  await client.logs(run, Array.from({ length: 100 }, (_, number) => `Ship ${number}.`));
  await client.log(run, "No pilot answers", 40, new Date(Date.now() + 1_000));
  await client.finish(run, "FAILED", "No pilot answers");
  const marked = page.locator(".ln:target");

  await page.goto(person.runPath(run));
  await waitForHydration(page);
  await expect(marked).toHaveCount(0);
  await page.getByRole("link", { name: "Show in logs" }).click();
  await expect(marked).toContainText("No pilot answers");
  await expect(marked).toBeInViewport();

  await page.goto("/help");
  await page.goBack();
  await page.reload();
  await waitForHydration(page);
  await expect(marked).toContainText("No pilot answers");
  await expect(marked).toBeInViewport();
});

test("a run that nobody picks up becomes late on its open page", async ({ page, person, signedIn }) => {
  const due = new Date(Date.now() - 13 * 60_000);
  const run = await person.client.createRun({ flow: "Tides", state: "SCHEDULED", due });
  await page.goto(person.runPath(run));
  await waitForHydration(page);
  const main = page.getByRole("main");
  // The service looks every 5 seconds.
  await expect(main.getByText("No client has picked it up")).toBeVisible({ timeout: 20_000 });
  await expect(main.getByText("The run was due 13m ago and starts when a client picks it up.")).toBeVisible();
  // Counted from when it was due, not from when the service has marked it.
  await expect(main.locator("dl").first()).toContainText(/Late by\s*13m \d+s/);
  await expectAccessible(page);
  await person.client.finish(run);
  await expect(main.getByText("No client has picked it up")).toBeHidden();
});

test("run details are not cut off at any width", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "Tides", tags: ["nightly", "harbour-".repeat(12)] });
  const message = `The gauge says ${"very ".repeat(60)}much`;
  await client.runTask(run, "measure-0", "FAILED", message);
  await client.finish(run);
  await page.goto(`${person.runPath(run)}?tab=task-runs`);
  await waitForHydration(page);
  const details = page.getByRole("main").locator("dl").first();
  for (const name of ["Started", "Ran for", "Ended", "Tags", "Run ID"]) {
    await expect(details.getByText(name, { exact: true })).toBeVisible();
  }
  await expect(details.getByText("harbour-")).toBeVisible();
  await expect(details.getByRole("button", { name: /run ID/ })).toBeVisible();
  const messageText = page.getByRole("listitem").getByText(message);
  await expect(messageText).toBeVisible();
  expect(await messageText.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  await expectAccessible(page);
});

function scrollPosition(page: Page): Promise<number> {
  return page.evaluate(() => Math.round(scrollY));
}
