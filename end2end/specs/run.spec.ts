/** The page of one run: scroll position, the way to its error and its subflow runs, what it waits for, and details at both widths. */
import type { Locator, Page } from "@playwright/test";
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
  await page.getByRole("link", { name: "Jump to oldest" }).click();
  await expect(page.getByText("1 to 200 of 250")).toBeAttached();
  expect(await scrollPosition(page)).toBeGreaterThan(100);
});

test("the first error links to its own line among those before it", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "Ships" });
  const start = Date.now() - 60_000;
  const after = (seconds: number) => new Date(start + seconds * 1_000);
  await client.setState(run, "RUNNING");
  await client.logs(run, Array.from({ length: 300 }, (_, number) => `Ship ${number}.`), 20, after(0));
  await client.log(run, "The lamp is out", 40, after(1));
  const task = await client.createTaskRun(run, "call-pilot");
  await client.setTaskState(task, "RUNNING");
  const lines = ["Calling", "Calling again", "No answer yet", "The pilot is asleep", "No pilot answers"];
  for (const [index, line] of lines.entries()) await client.log(run, line, index < 4 ? 20 : 40, after(2 + index), task);
  await client.setTaskState(task, "FAILED", "No pilot answers");
  await client.log(run, "Finished in state Failed", 40, new Date(Date.now() + 1_000), task);
  await client.setState(run, "FAILED", "1 task run failed");
  const marked = page.locator(".ln:target");
  const expectMarked = async () => {
    await expect(marked).toContainText("No pilot answers");
    for (const line of ["The lamp is out", ...lines]) await expect(page.getByRole("log").getByText(line, { exact: true })).toBeInViewport({ ratio: 1 });
    await expect(page.getByLabel("Log level")).toHaveValue("0");
  };

  await page.goto(person.runPath(run));
  await waitForHydration(page);
  await expect(marked).toHaveCount(0);
  await page.getByRole("link", { name: "Show in logs" }).click();
  await expectMarked();
  await page.goto("/help");
  await page.goBack();
  await page.reload();
  await waitForHydration(page);
  await expectMarked();
  await page.getByRole("link", { name: "Previous page" }).click();
  await expect(page.getByRole("log").getByText("Ship 299.")).toBeVisible();

  // Of the levels only the one that would hide the line is left.
  await page.goto(`${person.runPath(run)}?level=50`);
  await waitForHydration(page);
  await page.getByRole("link", { name: "Show in logs" }).click();
  await expect(marked).toContainText("No pilot answers");
  await expect(page.getByLabel("Log level")).toHaveValue("40");

  // The task's name leads to its row.
  await page.getByRole("link", { name: "call-pilot" }).click();
  const row = page.getByRole("listitem").and(page.locator(":target"));
  await expect(row).toContainText("No pilot answers");
  await expect(row).toBeInViewport();
});

test("the line of a failure is linked when it comes after the failed state", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "Ships", state: "RUNNING" });
  await page.goto(person.runPath(run));
  await waitForHydration(page);
  await client.setState(run, "FAILED", "No pilot answers");
  await expect(page.getByRole("region", { name: "First error" })).toContainText("No pilot answers");
  await expect(page.getByRole("link", { name: "Show in logs" })).toBeHidden();
  await client.log(run, "No pilot answers, the lamp is out", 40);
  await page.getByRole("link", { name: "Show in logs" }).click();
  await expect(page.locator(".ln:target")).toContainText("the lamp is out");
});

test("a parent leads to its subflow run and back", async ({ page, person, signedIn }) => {
  const { client } = person;
  const parent = await client.createRun({ flow: "Harbour", state: "RUNNING" });
  await client.runTask(parent, "measure-0");
  const calling = await client.createTaskRun(parent, "Child: tides-0");
  await page.goto(`${person.runPath(parent)}?tab=task-runs`);
  await waitForHydration(page);
  const rows = page.getByRole("list", { name: "Task runs" });
  await expect(rows.getByText("Child: tides-0")).toBeVisible();
  await expect(rows.getByRole("link")).toHaveCount(0);

  // The open page gets the link when the client starts the subflow run.
  const child = await client.createRun({ flow: "Tides", parent: calling });
  await expect(page.getByRole("main").getByText("1 subflow run", { exact: true })).toBeVisible();
  await expect(rows.getByRole("link")).toHaveCount(1);
  await expectAccessible(page);
  await rows.getByRole("link", { name: "Child: tides-0" }).click();
  await expect(heading(page, child.name)).toBeVisible();
  await unfoldDetails(page);
  await page.getByRole("link", { name: `Harbour / ${parent.name}` }).click();
  await expect(heading(page, parent.name)).toBeVisible();
  await unfoldDetails(page);
  await expect(detail(page, "Subflow runs")).toHaveText("1");
  await detail(page, "Subflow runs").getByRole("link").click();
  await expect(rows.getByRole("link", { name: "Child: tides-0" })).toBeVisible();

  await client.finish(child, "FAILED", "No water");
  await client.setState(parent, "FAILED", "1 task run failed");
  await page.getByRole("region", { name: "First error" }).getByRole("link", { name: "Child: tides-0" }).click();
  await expect(heading(page, child.name)).toBeVisible();
});

test("a run that nobody picks up becomes late on its open page", async ({ page, person, signedIn }) => {
  const due = new Date(Date.now() - 13 * 60_000);
  const run = await person.client.createRun({ flow: "Tides", state: "SCHEDULED", due });
  await page.goto(person.runPath(run));
  await waitForHydration(page);
  const main = page.getByRole("main");
  // The service looks every 5 seconds.
  await expect(main.getByText("Late", { exact: true }).first()).toBeVisible({ timeout: 20_000 });
  await expect(main.getByRole("heading", { name: "Waiting for a client" })).toBeVisible();
  await expect(main.getByText(/^Due (\d+ \w+, )?\d\d:\d\d\. No client has picked it up yet\.$/)).toBeVisible();
  // Counted from when it was due, not from when the service has marked it.
  await expect(detail(page, "Late by")).toHaveText(/^13m \d+s$/);
  await expect(detail(page, "Due")).toBeVisible();
  await expectAccessible(page);
  await person.client.finish(run);
  await expect(main.getByRole("heading", { name: "Waiting for a client" })).toBeHidden();
});

test("a scheduled run says when it starts", async ({ page, person, signedIn }) => {
  const tomorrow = new Date();
  tomorrow.setDate(tomorrow.getDate() + 1);
  tomorrow.setHours(14, 7, 25, 0);
  const run = await person.client.createRun({ flow: "Tides", state: "SCHEDULED", due: tomorrow });
  await page.goto(person.runPath(run));
  await waitForHydration(page);
  const card = page.getByRole("heading", { name: "Starts tomorrow, 14:07" });
  await expect(card).toBeVisible();
  await expect(page.getByText("A client will pick up the run when it’s due.")).toBeVisible();
  await expect(detail(page, "Due")).toHaveText("Tomorrow, 14:07");
  await expect(detail(page, "Starts in")).toHaveText(/^(\d+h \d\dm|1d \d\dh)$/);
  await expectAccessible(page);
  await person.client.setState(run, "PENDING");
  await expect(page.getByRole("heading", { name: "Waiting to start" })).toBeVisible();
  await expect(page.getByText("A client has picked up the run.")).toBeVisible();
});

test("a paused run says until when it may be resumed", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "Tides", state: "RUNNING" });
  await page.goto(person.runPath(run));
  await waitForHydration(page);
  const timeout = new Date(Date.now() + 2 * 24 * 3_600_000);
  await client.pause(run, timeout);
  const time = timeout.toTimeString().slice(0, 5);
  await expect(page.getByRole("heading", { name: `Paused until ${timeout.getDate()} ` })).toContainText(`, ${time}`);
  await expect(page.getByText("The run fails at that time unless a client resumes it.")).toBeVisible();
  await expect(detail(page, "Paused for")).toBeVisible();
  await expectAccessible(page);
  await client.setState(run, "RUNNING");
  await expect(page.getByRole("heading", { name: /^Paused/ })).toBeHidden();
  await client.pause(run, undefined, "Suspended");
  await expect(page.getByRole("heading", { name: "Suspended", exact: true })).toBeVisible();
  await expect(page.getByText("The run is waiting for a client to resume it.")).toBeVisible();
  // No client waits for its resumption, so none fails it.
  await client.setState(run, "RUNNING");
  await client.pause(run, timeout, "Suspended");
  await expect(page.getByText(/^A client can resume the run until \d+ \w+( \d+)?, \d\d:\d\d\.$/)).toContainText(time);
});

test("a log line and the current tab are on the first screen", async ({ page, person, signedIn, isMobile }) => {
  const { client } = person;
  const flowVersion = "285ef7ec0e150ddc4c5df6cedbe9b2a1";
  const run = await client.createRun({ flow: "Ships", flowVersion });
  await client.setState(run, "RUNNING");
  await client.log(run, "The lamp is lit", 20, new Date(Date.now() - 3_000));
  await client.log(run, "The lamp smokes", 30, new Date(Date.now() - 2_000));
  await client.log(run, "The lamp is out", 50, new Date(Date.now() - 1_000));
  await client.runTask(run, "call-pilot", "FAILED", "No pilot answers. ".repeat(40));
  await client.setState(run, "FAILED", "1 task run failed");
  await page.goto(person.runPath(run));
  await waitForHydration(page);
  const first = page.getByRole("log").getByText("The lamp is lit");
  await expect(first).toBeInViewport({ ratio: 1 });
  const dock = await page.locator(".dock").boundingBox();
  const line = await first.boundingBox();
  if (isMobile) expect(line!.y + line!.height).toBeLessThanOrEqual(dock!.y);
  await expect(page.getByRole("button", { name: "Copy 3 lines" })).toBeVisible();

  // On a phone the level is a letter, elsewhere a word.
  const widths = await page.locator(".ln .lv").evaluateAll((levels) => levels.map((level) => level.clientWidth));
  expect(Math.max(...widths)).toBeLessThan(isMobile ? 20 : 70);
  for (const word of ["WARN", "CRITICAL"]) {
    const level = page.getByRole("log").getByText(word, { exact: true });
    const { size, family } = await level.evaluate((element) => {
      const { fontSize, fontFamily } = getComputedStyle(element);
      return { size: parseFloat(fontSize), family: fontFamily };
    });
    expect(size).toBe(11);
    if (isMobile) expect(family, "so that exactly one letter fits").toContain("Mono");
  }

  for (const name of ["Started", "Ran for"]) await expect(detail(page, name)).toBeVisible();
  await expect(detail(page, "Run ID")).toBeVisible({ visible: !isMobile });
  await unfoldDetails(page);
  await expect(detail(page, "Run ID")).toBeVisible();
  await expect(detail(page, "Flow version")).toHaveText("285ef7ec");
  expect((await detail(page, "Flow version").boundingBox())!.height).toBeLessThan(30);
  await expect(detail(page, "Flow version").getByRole("button", { name: "Copy flow version" })).toBeVisible();
  await expectAccessible(page);

  await page.goto(`${person.runPath(run)}?tab=states`);
  await waitForHydration(page);
  const current = page.getByRole("navigation", { name: "Run sections" }).getByRole("link", { name: /^States/ });
  await expect(current).toBeInViewport({ ratio: 1 });
  expect(await scrollPosition(page)).toBe(0);
});

test("the states of a run begin with its creation", async ({ page, person, signedIn }) => {
  const run = await person.client.createRun({ flow: "Ships" });
  await person.client.finish(run);
  await page.goto(`${person.runPath(run)}?tab=states`);
  await waitForHydration(page);
  const states = page.getByRole("main").locator("ol.timeline > li");
  await expect(states.locator("b")).toHaveText(["Completed", "Running", "Pending", "Created"]);
  await expect(states.last().locator("time")).toHaveText(/^\d\d:\d\d:\d\d\.\d{3}$/);
  await expectAccessible(page);
});

test("the facts of a run are in the order of time", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "Ships", state: "SCHEDULED", due: new Date(Date.now() - 60_000) });
  await client.setState(run, "PENDING");
  await client.finish(run);
  await page.goto(person.runPath(run));
  await waitForHydration(page);
  await unfoldDetails(page);
  const names = await page.getByRole("main").locator("dl").first().locator("dt").allTextContents();
  expect(names.slice(0, 4)).toEqual(["Expected", "Started", "Ran for", "Ended"]);
});

test("an ended run expects no further lines", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "Ships", state: "RUNNING" });
  await page.goto(`${person.runPath(run)}?level=50`);
  await waitForHydration(page);
  const main = page.getByRole("main");
  await expect(main.getByText("No lines at this level. Logs appear here as they’re written.")).toBeVisible();
  await client.setState(run, "COMPLETED");
  await expect(main.getByText("Logs appear here")).toBeHidden();
  await expect(main.getByText("No lines at this level.")).toBeVisible();
});

test("run details are not cut off at any width", async ({ page, person, signedIn, isMobile }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "Tides", tags: ["nightly", "harbour-".repeat(12)] });
  const message = `The gauge says ${"very ".repeat(60)}much`;
  await client.runTask(run, "measure-0", "FAILED", message);
  await client.finish(run);
  await page.goto(`${person.runPath(run)}?tab=task-runs`);
  await waitForHydration(page);
  await unfoldDetails(page);
  const details = page.getByRole("main").locator("dl").first();
  for (const name of ["Started", "Ran for", "Ended", "Tags", "Run ID"]) {
    await expect(details.getByText(name, { exact: true })).toBeVisible();
  }
  await expect(details.getByText("harbour-")).toBeVisible();
  await expect(details.getByRole("button", { name: /run ID/ })).toBeVisible();
  const messageText = page.getByRole("listitem").getByText(message);
  await expect(messageText).toBeVisible();
  expect(await messageText.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  const started = page.getByRole("list", { name: "Task runs" }).locator("time");
  await expect(started).toHaveText(/^\d\d:\d\d:\d\d$/);
  await expect(started).toBeVisible({ visible: !isMobile });
  await expectAccessible(page);
});

function heading(page: Page, name: string): Locator {
  return page.getByRole("heading", { level: 1, name });
}

/** The value of a detail of the run. */
function detail(page: Page, name: string): Locator {
  const row = page.getByRole("main").locator("dl").first().locator("div");
  return row.filter({ has: page.getByText(name, { exact: true }) }).locator("dd");
}

/** Shows all details, of which phones show two at first. */
async function unfoldDetails(page: Page): Promise<void> {
  const more = page.getByText("More details");
  if (await more.isVisible()) await more.click();
}

function scrollPosition(page: Page): Promise<number> {
  return page.evaluate(() => Math.round(scrollY));
}
