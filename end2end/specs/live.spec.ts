/** What arrives on an open page by itself, how soon, and at what price. */
import type { Page } from "@playwright/test";
import type { Run } from "../house/client";
import { Person } from "../house/person";
import { expect, test } from "../house/test";
import { hydrated } from "../house/watch";

const WITHIN = 1_000;

test("state and log lines are on the open page within a second of the call", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.run({ flow: "Tides" });
  await page.goto(person.page(run));
  await live(page);
  for (const { text, call } of [
    { text: "Running for", call: () => client.state(run, "RUNNING") },
    { text: "The water is coming", call: () => client.log(run, "The water is coming") },
    { text: "Completed", call: () => client.state(run, "COMPLETED") },
  ]) {
    expect(await delay(page, text, call), text).toBeLessThan(WITHIN);
  }
});

test("a new run and its end are in the open list within a second", async ({ page, person, signedIn }) => {
  await page.goto(person.runs);
  await expect(page.getByRole("heading", { name: "No runs yet" })).toBeVisible();
  await live(page);
  let run = { id: "", name: "" };
  const came = await delay(page, "Harbour pilots", async () => {
    run = await person.client.run({ flow: "Harbour pilots" });
  });
  expect(came).toBeLessThan(WITHIN);
  expect(await delay(page, "1 failed or crashed", () => person.client.finish(run, "FAILED"))).toBeLessThan(WITHIN);
  await expect(page.getByText("1 flow run", { exact: true })).toBeVisible();
});

test("a long log is open at its end while the run goes on, and its lines arrive", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.run({ flow: "Tides", state: "RUNNING" });
  await client.logs(run, Array.from({ length: 250 }, (_, number) => `Wave ${number}.`));
  await page.goto(person.page(run));
  await live(page);
  const log = page.getByRole("log");
  await expect(log.getByText("Wave 249.")).toBeVisible();
  await expect(page.getByText("51 to 250 of 250")).toBeVisible();
  expect(await delay(page, "Wave 250.", () => client.log(run, "Wave 250."))).toBeLessThan(WITHIN);
  await page.getByRole("link", { name: "Previous page" }).click();
  await expect(page.getByText("1 to 50 of 251")).toBeVisible();
  await expect(log.getByText("Wave 0.")).toBeVisible();
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page.getByText("51 to 250 of 251")).toBeVisible();
});

test("the task runs that rank first are on the page, however many there are", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.run({ flow: "Tides", state: "RUNNING" });
  const tasks: Run[] = [];
  for (let made = 0; made < 202; made++) tasks.push(await client.waitingTask(run, `wave-${made}.`));
  await page.goto(`${person.page(run)}?tab=task-runs`);
  await live(page);
  const rows = page.getByRole("list", { name: "Task runs" }).getByRole("listitem");
  await expect(rows).toHaveCount(200);
  await expect(rows.last()).toContainText("wave-199.");

  await client.taskState(tasks[201], "FAILED", "Too high");
  await expect(rows.first()).toContainText("wave-201.");
  await expect(rows.last()).toContainText("wave-198.");
  await expect(rows).toHaveCount(200);

  await client.taskState(tasks[0], "COMPLETED");
  await expect(rows.last()).toContainText("wave-199.");
  await expect(rows.getByText("wave-0.")).toBeHidden();
  await client.taskState(tasks[100], "RUNNING");
  await expect(rows.nth(1)).toContainText("wave-100.");
  await expect(rows).toHaveCount(200);
});

test("a page of a filtered list stays full when a run leaves it", async ({ page, person, signedIn }) => {
  const { client } = person;
  for (let made = 0; made < 52; made++) await client.run({ flow: `Tide ${made}`, state: "RUNNING" });
  const last = await client.run({ flow: "Last tide", state: "RUNNING" });
  await page.goto(`${person.runs}?state=running`);
  await live(page);
  const rows = page.getByRole("main").locator("a[href*='/flow-run/']");
  await expect(page.getByText("1 to 50 of 53")).toBeVisible();
  await expect(rows.getByText("Tide 2 /")).toBeHidden();
  await client.state(last, "COMPLETED");
  await expect(rows.getByText("Last tide /")).toBeHidden();
  await expect(rows.getByText("Tide 2 /")).toBeVisible();
  await expect(page.getByText("1 to 50 of 52")).toBeVisible();
});

test("a page of a filtered list is filled again while runs go on leaving it", async ({ page, person, signedIn }) => {
  const { client } = person;
  const runs = [];
  for (let made = 0; made < 70; made++) runs.push(await client.run({ flow: `Tide ${made}`, state: "RUNNING" }));
  await page.goto(`${person.runs}?state=running`);
  await live(page);
  const rows = page.getByRole("main").locator("a[href*='/flow-run/']");
  const next = rows.getByText("Tide 19 /");
  await expect(rows.getByText("Tide 69 /")).toBeVisible();
  await expect(next).toBeHidden();
  let filled = false;
  for (let last = 69; last > 49 && !filled; last--) {
    await client.state(runs[last], "COMPLETED");
    await expect(rows.getByText(`Tide ${last} /`)).toBeHidden();
    filled = await next.isVisible();
  }
  expect(filled, "before the last of them has left").toBe(true);
});

test("an idle page holds one socket and asks for nothing", async ({ page, person, signedIn }) => {
  const run = await person.client.run({ flow: "Tides" });
  const sockets: string[] = [];
  page.on("websocket", (socket) => sockets.push(socket.url()));
  await page.goto(person.runs);
  await live(page);
  await page.getByRole("link", { name: new RegExp(run.name) }).click();
  await expect(page.getByRole("heading", { level: 1, name: run.name })).toBeVisible();
  await live(page);
  await page.waitForLoadState("networkidle");
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  // The one wait that is no condition: nothing is to happen, and for that the time has to pass.
  await page.waitForTimeout(10_000);
  expect(requests).toEqual([]);
  expect(sockets).toHaveLength(1);
});

test("a page that has heard nothing for too long opens another socket and misses nothing", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.run({ flow: "Tides", state: "RUNNING" });
  const sockets: string[] = [];
  page.on("websocket", (socket) => sockets.push(socket.url()));
  await page.clock.install();
  await page.goto(person.page(run));
  await live(page);
  expect(sockets).toHaveLength(1);
  // To the page it is as if the machine had slept: a minute has passed in which the server said nothing.
  await page.clock.fastForward(60_000);
  await expect.poll(() => sockets.length).toBe(2);
  await live(page);
  await client.log(run, "After the silence");
  await expect(page.getByText("After the silence")).toBeVisible();
});

test.describe("when the server is restarted", () => {
  test.use({ baseURL: async ({ ownProvost }, use) => use(ownProvost.url) });

  test("the page says so, comes back, and has missed nothing", async ({ page, ownProvost, context, watch }) => {
    watch.expects(/WebSocket|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE/);
    const person = await Person.make(ownProvost);
    const run = await person.client.run({ flow: "Tides" });
    await person.enter(context);
    await page.goto(person.page(run));
    await live(page);
    await page.evaluate(() => Object.assign(window, { neverReloaded: true }));

    await ownProvost.down();
    await expect(dot(page)).toHaveText("Reconnecting");
    await ownProvost.up();
    await person.client.finish(run);
    await expect(dot(page)).toHaveText("Live", { timeout: 30_000 });
    await expect(page.getByRole("main").getByText("Completed").first()).toBeVisible();
    await person.client.log(run, "After the night");
    await expect(page.getByText("After the night")).toBeVisible();
    expect(await page.evaluate(() => "neverReloaded" in window)).toBe(true);
  });

  test("the page leads to the sign-in if its session ended meanwhile", async ({ page, ownProvost, context, watch }) => {
    watch.expects(/WebSocket|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE/);
    const person = await Person.make(ownProvost);
    await person.enter(context);
    await page.goto(person.runs);
    await live(page);
    await ownProvost.down();
    await expect(dot(page)).toHaveText("Reconnecting");
    await ownProvost.admin("set-password", { user: person.handle, "password-file": "-" }, "lamps burn inside too");
    await ownProvost.up();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible({ timeout: 30_000 });
  });
});

test("an open page leads to the sign-in once its session ends", async ({ page, person, signedIn, context }) => {
  await page.goto(person.runs);
  await live(page);
  const other = await context.newPage();
  await other.goto("/");
  await hydrated(other);
  await other.getByLabel(/^Account menu/).first().click();
  await other.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

function dot(page: Page) {
  return page.getByRole("banner").getByRole("status");
}

async function live(page: Page): Promise<void> {
  await expect(dot(page)).toHaveText("Live");
}

/** Milliseconds from the start of the call to the moment when the page, by its own clock, shows the text. */
async function delay(page: Page, text: string, call: () => Promise<unknown>): Promise<number> {
  await expect(page.getByRole("main")).not.toContainText(text);
  const shown = page.evaluate(
    (text) =>
      new Promise<number>((resolve) => {
        const look = () => {
          if (document.querySelector("main")?.textContent?.includes(text)) {
            watcher.disconnect();
            resolve(Date.now());
          }
        };
        const watcher = new MutationObserver(look);
        watcher.observe(document.body, { subtree: true, childList: true, characterData: true });
        Object.assign(window, { watched: text });
      }),
    text,
  );
  await page.waitForFunction((text) => (window as any).watched === text, text);
  const start = Date.now();
  await call();
  return (await shown) - start;
}
