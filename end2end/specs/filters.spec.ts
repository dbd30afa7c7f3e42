/** The list of runs: filters are in the URL, pages follow each other without a gap, planned runs are one line, and rows are links. */
import type { Locator } from "@playwright/test";
import { expectAccessible } from "../support/accessibility";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

const DAY = 86_400_000;

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
  // Without a text field there is no magnifying glass.
  await expect(main.getByRole("search").getByText("All runs")).toBeVisible();
  await expect(main.locator("search > svg")).toHaveCount(0);
  await page.locator("summary", { hasText: "Filters" }).click();
  await page.getByLabel("Failed").check();
  await page.getByLabel("When").selectOption("1h");
  await page.getByRole("button", { name: "Show runs" }).click();
  await expect(main.locator(".bar b")).toHaveText("1 flow run");
  await expect(main.getByText(bad.name)).toBeVisible();
  await expect(main.getByText(good.name)).toBeHidden();
  const { searchParams } = new URL(page.url());
  expect(searchParams.getAll("state")).toEqual(["failed"]);
  expect(searchParams.get("started")).toBe("1h");

  await expect(page.locator(".token")).toHaveText(["Startedlast hour", "StateFailed"]);

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
  await expect(main.locator(".bar b")).toHaveText("2 flow runs");

  await page.goto(`${person.runsPath}?state=bogus&from=yesterday`);
  await expect(main.getByText("An unknown state was ignored. From isn’t a date, so it was ignored.")).toBeVisible();
  await expect(main.getByText("2 flow runs")).toBeVisible();
});

test("screen readers hear how many results another filter has, but no live update", async ({ page, person, signedIn }) => {
  const { client } = person;
  await client.createRun({ flow: "Tides" });
  const failed = await client.createRun({ flow: "Ships" });
  await client.finish(failed, "FAILED", "No pilot");
  await client.createVariable("market_close", "17:30");
  await client.createVariable("market_open", "09:00");
  const main = page.getByRole("main");
  const [announced, results] = [main.locator("p[role=status]"), main.locator(".bar b")];

  await page.goto(person.runsPath);
  await waitForHydration(page);
  await expect(results).toHaveText("2 flow runs");
  await expect(announced).toHaveText("");
  await page.locator("summary", { hasText: "Filters" }).click();
  await page.getByLabel("Failed").check();
  await page.getByRole("button", { name: "Show runs" }).click();
  await expect(announced).toHaveText("1 flow run");
  await page.getByRole("link", { name: "Remove the filter State" }).click();
  await expect(announced).toHaveText("2 flow runs");
  await expect(page.locator(".live")).toHaveText("Live");
  await client.createRun({ flow: "Tides" });
  await expect(results).toHaveText("3 flow runs");
  await expect(announced).toHaveText("2 flow runs");

  await page.goto(person.variablesPath);
  await waitForHydration(page);
  await main.getByRole("searchbox").fill("open");
  await page.keyboard.press("Enter");
  await expect(announced).toHaveText("1 variable");

  await client.createArtifact({ key: "tides-table", type: "progress", data: 10 });
  await page.goto(`${person.workspacePath}/artifacts`);
  await waitForHydration(page);
  await page.getByRole("navigation", { name: "Artifact type" }).getByRole("link", { name: "Link" }).click();
  await expect(announced).toHaveText("0 artifacts");
});

test("planned runs are one line above the runs that began", async ({ page, person, signedIn }) => {
  const { client } = person;
  const begun = await client.createRun({ flow: "Tides" });
  const planned = [];
  for (let hour = 0; hour < 7; hour++) {
    const due = new Date(Date.now() + DAY + hour * 1_000);
    planned.push(await client.createRun({ flow: `Plan ${hour}`, state: "SCHEDULED", due }));
  }
  const main = page.getByRole("main");
  const line = main.locator("summary", { hasText: "planned" });

  await page.goto(person.runsPath);
  await waitForHydration(page);
  await expect(main.getByText("1 flow run", { exact: true })).toBeVisible();
  await expect(main.locator("a[href*='/flow-run/']:visible")).toHaveText([new RegExp(begun.name)]);
  await expect(line).toHaveText(/^7 planned, next tomorrow, \d\d:\d\d$/);
  await line.click();
  const next = main.getByRole("list", { name: "Next planned runs" }).getByRole("listitem");
  await expect(next).toHaveCount(5);
  await expect(next.first()).toContainText(planned[0].name);
  await expect(next.first()).toContainText(/Scheduled\s*Tomorrow, \d\d:\d\d/);
  await expect(next.first()).not.toContainText("0 tasks");
  await expectAccessible(page);

  await main.getByRole("link", { name: "All 7 planned runs" }).click();
  await expect(main.locator(".bar b")).toHaveText("7 flow runs");
  await expect(main.getByText(begun.name)).toBeHidden();
  await expect(line).toBeHidden();
});

test("a workspace with planned runs only shows them", async ({ page, person, signedIn }) => {
  const run = await person.client.createRun({ flow: "Tides", state: "SCHEDULED", due: new Date(Date.now() + DAY) });
  await page.goto(person.runsPath);
  const main = page.getByRole("main");
  await expect(main.getByText(run.name)).toBeVisible();
  await expect(main.getByRole("heading", { name: "No runs yet" })).toBeHidden();
});

test("a click anywhere in a row opens its run", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "Tides", tags: ["nightly"] });
  await client.finish(run);
  for (const part of [0.02, 0.3, 0.6, 0.98]) {
    await page.goto(person.runsPath);
    await waitForHydration(page);
    const row = page.getByRole("list", { name: "Flow runs" }).getByRole("listitem");
    const { width, height } = await sizeOf(row);
    expect(height).toBeGreaterThanOrEqual(40);
    await expect(row.getByRole("link")).toHaveAttribute("title", new RegExp(`Tides / ${run.name}\\nStarted .*\\nTags: nightly`));
    await row.click({ position: { x: width * part, y: height - 4 } });
    await expect(page.getByRole("heading", { level: 1, name: run.name })).toBeVisible();
  }
});

test("a long flow name is cut before the run's name", async ({ page, person, signedIn }) => {
  const { client } = person;
  const run = await client.createRun({ flow: "train-model-with-a-long-name-".repeat(7) });
  await client.finish(run);
  await page.goto(person.runsPath);
  const link = page.getByRole("link", { name: new RegExp(run.name) });
  const name = link.getByText(run.name, { exact: true });
  expect((await sizeOf(name)).width).toBeGreaterThan(40);
  expect(await name.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  await expect(name).toBeInViewport({ ratio: 1 });
  await expect(link.getByText("/", { exact: false }).first()).toBeInViewport();
  await expectAccessible(page);
});

test("long and many tags leave room for the run's name", async ({ page, person, signedIn, isMobile }) => {
  test.skip(isMobile, "phones show no tags in rows");
  const tags = ["a", "b", "c", "d", "e", "f"].map((letter) => letter.repeat(50));
  const run = await person.client.createRun({ flow: "Tides", tags });
  await page.goto(person.runsPath);
  await waitForHydration(page);
  const row = page.getByRole("list", { name: "Flow runs" }).getByRole("listitem");
  const chips = row.locator(".chip");
  await expect(chips).toHaveText([tags[0], tags[1], "+4"]);
  for (const chip of await chips.all()) expect((await sizeOf(chip)).width).toBeLessThanOrEqual(160);
  expect((await sizeOf(row.getByRole("link"))).width).toBeGreaterThan((await sizeOf(row)).width / 3);

  const rest = row.getByRole("note", { name: `4 more tags: ${tags.slice(2).join(", ")}` });
  const shown = () => rest.evaluate((chip) => getComputedStyle(chip, "::after").content);
  expect(await shown()).toBe("none");
  await row.getByRole("link").focus();
  await page.keyboard.press("Tab");
  await expect(rest).toBeFocused();
  expect(await shown()).toContain(tags[5]);
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  expect(await shown()).toBe("none");
  await expect(rest).toBeFocused();
  await page.keyboard.press("Tab");
  // The pointer may reach the names, and Esc hides them under it.
  await rest.hover();
  expect(await shown()).toContain(tags[5]);
  const box = (await rest.boundingBox())!;
  for (let y = 0; y < 30; y += 3) {
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2 + y);
    expect(await shown(), `${y} px lower`).toContain(tags[5]);
  }
  await page.keyboard.press("Escape");
  expect(await shown()).toBe("none");
  await page.mouse.move(0, 0);
  await rest.hover();
  expect(await shown()).toContain(tags[5]);
  await expect(row.getByRole("link", { name: new RegExp(run.name) })).toBeVisible();
});

test("list pages have no gaps and are sorted newest first", async ({ page, person, signedIn }) => {
  const names: string[] = [];
  for (let number = 0; number < 60; number++) names.unshift((await person.client.createRun({ flow: `Tide ${number}` })).name);
  const rows = page.getByRole("main").locator("a[href*='/flow-run/']");

  await page.goto(person.runsPath);
  await expect(page.getByText("1 to 50 of 60")).toBeVisible();
  const first = (await rows.allTextContents()).join("\n");
  await waitForHydration(page);
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page.getByText("51 to 60 of 60")).toBeVisible();
  await expect(rows).toHaveCount(10);
  const second = (await rows.allTextContents()).join("\n");
  const text = `${first}\n${second}`;
  const positions = names.map((_, index) => text.indexOf(`Tide ${59 - index} /`));
  expect(positions, "runs in order").toEqual([...positions].sort((one, other) => one - other));
  expect(positions).not.toContain(-1);

  await page.getByRole("link", { name: "Previous page" }).click();
  await expect(page.getByText("1 to 50 of 60")).toBeVisible();
  await expect(rows).toHaveCount(50);
});

async function sizeOf(element: Locator): Promise<{ width: number; height: number }> {
  const box = await element.boundingBox();
  if (!box) throw new Error(`${element} is not visible`);
  return box;
}
