/** Updates of open pages: what arrives, how soon, and with how many requests. */
import type { Page } from "@playwright/test";
import { accountMenu } from "../support/account-menu";
import type { Run } from "../support/client";
import { Person } from "../support/person";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

const UPDATE_LIMIT = 1_000;

test("states and log lines reach an open page within a second", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "Tides" });
  await page.goto(person.runPath(run));
  await waitForLive(page);
  for (const { text, call } of [
    { text: "Running for", call: () => client.setState(run, "RUNNING") },
    { text: "The water is coming", call: () => client.log(run, "The water is coming") },
    { text: "Completed", call: () => client.setState(run, "COMPLETED") },
  ]) {
    expect(await delay(page, text, call), text).toBeLessThan(UPDATE_LIMIT);
  }
});

test("a new run and its end reach an open list within a second", async ({ page, person, signedIn }) => {
  await page.goto(person.runsPath);
  await expect(page.getByRole("heading", { name: "No runs yet" })).toBeVisible();
  await waitForLive(page);
  let run = { id: "", name: "" };
  const createDelay = await delay(page, "Harbour pilots", async () => {
    run = await person.client.createRun({ flow: "Harbour pilots" });
  });
  expect(createDelay).toBeLessThan(UPDATE_LIMIT);
  expect(await delay(page, "1 failed or crashed", () => person.client.finish(run, "FAILED"))).toBeLessThan(UPDATE_LIMIT);
  await expect(page.getByText("1 flow run", { exact: true })).toBeVisible();
});

test("a planned run changes one line of an open list", async ({ page, person, signedIn }) => {
  const { client } = person;
  await client.createRun({ flow: "Tides" });
  await page.goto(person.runsPath);
  await waitForLive(page);
  const main = page.getByRole("main");
  const rows = main.getByRole("list", { name: "Flow runs" }).getByRole("listitem");
  let run = { id: "", name: "" };
  const createDelay = await delay(page, "1 planned", async () => {
    run = await client.createRun({ flow: "Ships", state: "SCHEDULED", due: new Date(Date.now() + 86_400_000) });
  });
  expect(createDelay).toBeLessThan(UPDATE_LIMIT);
  await expect(main.getByText("1 flow run", { exact: true })).toBeVisible();
  await expect(rows).toHaveCount(1);
  // A client takes the run before its time.
  await client.setState(run, "PENDING");
  await expect(rows.first()).toContainText(run.name);
  await expect(main.getByText("2 flow runs", { exact: true })).toBeVisible();
  await expect(main.getByText("1 planned")).toBeHidden();
});

test("a running run's log opens at its end and gets new lines", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "Tides", state: "RUNNING" });
  await client.logs(run, Array.from({ length: 250 }, (_, number) => `Wave ${number}.`));
  await page.goto(person.runPath(run));
  await waitForLive(page);
  const log = page.getByRole("log");
  await expect(log.getByText("Wave 249.")).toBeVisible();
  await expect(page.getByText("51 to 250 of 250")).toBeVisible();
  expect(await delay(page, "Wave 250.", () => client.log(run, "Wave 250."))).toBeLessThan(UPDATE_LIMIT);
  await page.getByRole("link", { name: "Previous page" }).click();
  await expect(page.getByText("1 to 50 of 251")).toBeVisible();
  await expect(log.getByText("Wave 0.")).toBeVisible();
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page.getByText("51 to 250 of 251")).toBeVisible();
});

test("the first 200 task runs are shown in order and updated", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "Tides", state: "RUNNING" });
  const tasks: Run[] = [];
  for (let number = 0; number < 202; number++) tasks.push(await client.createTaskRun(run, `wave-${number}.`));
  await page.goto(`${person.runPath(run)}?tab=task-runs`);
  await waitForLive(page);
  const rows = page.getByRole("list", { name: "Task runs" }).getByRole("listitem");
  await expect(rows).toHaveCount(200);
  await expect(rows.last()).toContainText("wave-199.");

  await client.setTaskState(tasks[201], "FAILED", "Too high");
  await expect(rows.first()).toContainText("wave-201.");
  await expect(rows.last()).toContainText("wave-198.");
  await expect(rows).toHaveCount(200);

  await client.setTaskState(tasks[0], "COMPLETED");
  await expect(rows.last()).toContainText("wave-199.");
  await expect(rows.getByText("wave-0.")).toBeHidden();
  await client.setTaskState(tasks[100], "RUNNING");
  await expect(rows.nth(1)).toContainText("wave-100.");
  await expect(rows).toHaveCount(200);
});

test("a filtered list page stays full when a run leaves it", async ({ page, person, signedIn }) => {
  const { client } = person;
  for (let number = 0; number < 52; number++) await client.createRun({ flow: `Tide ${number}`, state: "RUNNING" });
  const last = await client.createRun({ flow: "Last tide", state: "RUNNING" });
  await page.goto(`${person.runsPath}?state=running`);
  await waitForLive(page);
  const rows = page.getByRole("main").locator("a[href*='/flow-run/']");
  await expect(page.getByText("1 to 50 of 53")).toBeVisible();
  await expect(rows.getByText("Tide 2 /")).toBeHidden();
  await client.setState(last, "COMPLETED");
  await expect(rows.getByText("Last tide /")).toBeHidden();
  await expect(rows.getByText("Tide 2 /")).toBeVisible();
  await expect(page.getByText("1 to 50 of 52")).toBeVisible();
});

test("a filtered list page refills while runs keep leaving it", async ({ page, person, signedIn }) => {
  const { client } = person;
  const runs = [];
  for (let number = 0; number < 70; number++) runs.push(await client.createRun({ flow: `Tide ${number}`, state: "RUNNING" }));
  await page.goto(`${person.runsPath}?state=running`);
  await waitForLive(page);
  const rows = page.getByRole("main").locator("a[href*='/flow-run/']");
  const next = rows.getByText("Tide 19 /");
  await expect(rows.getByText("Tide 69 /")).toBeVisible();
  await expect(next).toBeHidden();
  let refilled = false;
  for (let last = 69; last > 49 && !refilled; last--) {
    await client.setState(runs[last], "COMPLETED");
    await expect(rows.getByText(`Tide ${last} /`)).toBeHidden();
    refilled = await next.isVisible();
  }
  expect(refilled, "before the last run has left the list").toBe(true);
});

test("an idle page keeps one socket and sends no requests", async ({ page, person, signedIn }) => {
  const run = await person.client.createRun({ flow: "Tides" });
  const sockets: string[] = [];
  page.on("websocket", (socket) => sockets.push(socket.url()));
  await page.goto(person.runsPath);
  await waitForLive(page);
  await page.getByRole("link", { name: new RegExp(run.name) }).click();
  await expect(page.getByRole("heading", { level: 1, name: run.name })).toBeVisible();
  await waitForLive(page);
  await page.waitForLoadState("networkidle");
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  // A fixed wait, because the test checks that nothing happens.
  await page.waitForTimeout(10_000);
  expect(requests).toEqual([]);
  expect(sockets).toHaveLength(1);
});

test("a silent socket is replaced and no update is lost", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "Tides", state: "RUNNING" });
  const sockets: string[] = [];
  page.on("websocket", (socket) => sockets.push(socket.url()));
  await page.clock.install();
  await page.goto(person.runPath(run));
  await waitForLive(page);
  expect(sockets).toHaveLength(1);
  // As after sleep of the machine: by the page's clock the server has sent nothing for a minute.
  await page.clock.fastForward(60_000);
  await expect.poll(() => sockets.length).toBe(2);
  await waitForLive(page);
  await client.log(run, "After the silence");
  await expect(page.getByText("After the silence")).toBeVisible();
});

test.describe("when the server is restarted", () => {
  test.use({ baseURL: async ({ ownProvost }, use) => use(ownProvost.url) });

  test("the page reconnects and loses no update", async ({ page, ownProvost, context, monitor }) => {
    monitor.allow(/WebSocket|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE/);
    const person = await Person.create(ownProvost);
    const run = await person.client.createRun({ flow: "Tides" });
    await person.signInByRequest(context);
    await page.goto(person.runPath(run));
    await waitForLive(page);
    await page.evaluate(() => Object.assign(window, { neverReloaded: true }));

    await ownProvost.stop();
    await expect(liveStatus(page)).toHaveText("Reconnecting");
    await ownProvost.launch();
    await person.client.finish(run);
    await expect(liveStatus(page)).toHaveText("Live", { timeout: 30_000 });
    await expect(page.getByRole("main").getByText("Completed").first()).toBeVisible();
    await person.client.log(run, "After the night");
    await expect(page.getByText("After the night")).toBeVisible();
    expect(await page.evaluate(() => "neverReloaded" in window)).toBe(true);
  });

  test("pages that could not be opened meanwhile load by themselves", async ({ page, ownProvost, context, monitor }) => {
    monitor.allow(/WebSocket|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|Failed to fetch/);
    const person = await Person.create(ownProvost);
    const run = await person.client.createRun({ flow: "Tides" });
    await person.signInByRequest(context);
    const rail = page.getByRole("complementary");
    const open = async (link: string, outcome: string, visited: () => Promise<unknown>) => {
      await page.goto(person.runsPath);
      await waitForLive(page);
      await visited();
      await ownProvost.stop();
      await rail.getByRole("link", { name: link }).click();
      await expect(page.getByRole("alert")).toContainText(outcome);
      await expect(page.getByRole("alert")).toContainText("Your runs keep going.");
      await expect(page.getByRole("main")).not.toContainText("500");
      await expect(rail.getByRole("link", { name: link })).toBeVisible();
      // It loads the page again only if it has seen that the server was away.
      await page.waitForEvent("requestfailed", (request) => request.url().endsWith("/api/ready"));
      await ownProvost.launch();
      await expect(page.getByRole("heading", { level: 1, name: link })).toBeVisible({ timeout: 30_000 });
      await expect(page.getByRole("alert")).toBeHidden();
    };
    await open("Workspace settings", "Can’t load this page", async () => {});
    // In another layout, of which not even the frame can be loaded.
    await page.goto(person.runsPath);
    await waitForLive(page);
    await ownProvost.stop();
    await rail.getByRole("link", { name: "Provost, all workspaces" }).click();
    await expect(page.getByRole("alert")).toContainText("Can’t load this page");
    await expect(rail.getByRole("link", { name: "Help" })).toBeVisible();
    await page.waitForEvent("requestfailed", (request) => request.url().endsWith("/api/ready"));
    await ownProvost.launch();
    await expect(page.getByRole("heading", { level: 1, name: "Workspaces" })).toBeVisible({ timeout: 30_000 });
    // Its part of the wasm is there, and only its data is missing.
    await open("Flow runs", "Can’t load the runs", async () => {
      await page.getByRole("link", { name: new RegExp(run.name) }).click();
      await expect(page.getByRole("heading", { level: 1, name: run.name })).toBeVisible();
    });
  });

  test("the page opens the sign-in if its session has ended", async ({ page, ownProvost, context, monitor }) => {
    monitor.allow(/WebSocket|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE/);
    const person = await Person.create(ownProvost);
    await person.signInByRequest(context);
    await page.goto(person.runsPath);
    await waitForLive(page);
    await ownProvost.stop();
    await expect(liveStatus(page)).toHaveText("Reconnecting");
    await ownProvost.admin("set-password", { user: person.handle, "password-file": "-" }, "lamps burn inside too");
    await ownProvost.launch();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible({ timeout: 30_000 });
  });
});

test("an open page opens the sign-in when its session ends", async ({ page, person, signedIn, context }) => {
  await page.goto(person.runsPath);
  await waitForLive(page);
  const other = await context.newPage();
  await other.goto("/");
  await waitForHydration(other);
  await accountMenu(other).click();
  await other.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

function liveStatus(page: Page) {
  return page.getByRole("banner").getByRole("status");
}

async function waitForLive(page: Page): Promise<void> {
  await expect(liveStatus(page)).toHaveText("Live");
}

/** Milliseconds from the start of the call until the page shows the text, by the page's clock. */
async function delay(page: Page, text: string, call: () => Promise<unknown>): Promise<number> {
  await expect(page.getByRole("main")).not.toContainText(text);
  const shown = page.evaluate(
    (text) =>
      new Promise<number>((resolve) => {
        const checkText = () => {
          if (document.querySelector("main")?.textContent?.includes(text)) {
            observer.disconnect();
            resolve(Date.now());
          }
        };
        const observer = new MutationObserver(checkText);
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
        Object.assign(window, { watched: text });
      }),
    text,
  );
  await page.waitForFunction((text) => (window as any).watched === text, text);
  const start = Date.now();
  await call();
  return (await shown) - start;
}
