/** Every page: by day and by night, wide and narrow, and as it comes over the wire before any script runs. */
import type { APIRequestContext } from "@playwright/test";
import { type Address, addresses, furnish, OPEN } from "../house/furnished";
import { expectGoodLooks } from "../house/looks";
import { expect, test } from "../house/test";

test("every page reads well by day and by night", async ({ page, person, signedIn }) => {
  test.setTimeout(180_000);
  for (const { path, heading, rows } of addresses(await furnish(person))) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await expect(page.getByRole("main")).toContainText(rows[0]);
    await expectGoodLooks(page);
  }
});

test("every open page reads well by day and by night", async ({ page }) => {
  for (const { path, heading } of OPEN) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await expectGoodLooks(page);
  }
});

test("an address that leads nowhere says so, with a way on", async ({ page, person, signedIn, watch }) => {
  watch.expects(/404/);
  const nobody = "00000000-0000-4000-8000-000000000000";
  for (const path of ["/nowhere", `/account/${nobody}/workspace/${nobody}/runs`, person.page({ id: nobody })]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.getByRole("heading", { name: "No light at this door" })).toBeVisible();
    await expectGoodLooks(page);
  }
  await page.getByRole("link", { name: "Go to workspaces" }).click();
  await expect(page.getByRole("heading", { name: "Workspaces", exact: true })).toBeVisible();
});

test("heading and first rows are in the answer itself", async ({ page, person, signedIn }) => {
  const furnished = await furnish(person);
  for (const address of addresses(furnished)) await expectWithoutScripts(page.request, address);
});

test("open pages are in the answer itself", async ({ page }) => {
  for (const address of OPEN) await expectWithoutScripts(page.request, address);
});

async function expectWithoutScripts(request: APIRequestContext, { path, heading, rows }: Address): Promise<void> {
  const answer = await request.get(path, { headers: { accept: "text/html" } });
  expect(answer.status(), path).toBe(200);
  // What scripts take over from the server is not what a reader sees.
  const shown = (await answer.text()).replace(/<script[^>]*>.*?<\/script>/gs, "").replace(/<!.*?>/gs, "");
  expect(shown, path).toMatch(new RegExp(`<h1[^>]*>.*${heading}`, "s"));
  for (const row of rows) expect(shown, `${path}: ${row}`).toContain(row);
}
