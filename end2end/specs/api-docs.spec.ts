/** The page of the API's document. */
import { expectAccessible } from "../support/accessibility";
import { expect, test } from "../support/test";

const PATH = "/api/docs";

interface OpenApi {
  paths: Record<string, Record<string, { summary?: string }>>;
}

test("the page lists every operation, without sign-in and without another host", async ({ page, provost }) => {
  const hosts = new Set<string>();
  page.on("request", (request) => {
    if (!request.url().startsWith("data:")) hosts.add(new URL(request.url()).origin);
  });
  await page.goto(PATH);
  await expect(page).toHaveTitle("Provost API");
  await expect(page.getByRole("heading", { level: 1, name: "Provost API" })).toBeVisible();
  const { paths } = (await (await page.request.get("/api/openapi.json")).json()) as OpenApi;
  const operations = Object.values(paths).flatMap((item) => Object.values(item).filter(({ summary }) => summary));
  expect(operations.length).toBeGreaterThan(190);
  await expect(page.locator(".opblock")).toHaveCount(operations.length);
  await expect(page.locator("#operations-Flows-post_flows")).toContainText("Create a flow");
  await expect(page.locator("#operations-Flows-post_flows_paginate")).toContainText("(not implemented)");
  expect([...hosts]).toEqual([provost.url]);
});

test("a request can be sent from the page with a key", async ({ page, person }) => {
  await page.goto(PATH);
  await page.getByRole("button", { name: "Authorize" }).click();
  await page.getByLabel("auth-bearer-value").fill(person.key);
  await page.getByRole("button", { name: "Apply credentials" }).click();
  await page.getByRole("button", { name: "Close" }).last().click();
  const operation = page.locator("#operations-Server-get_me_workspaces");
  await operation.getByRole("button").first().click();
  await operation.getByRole("button", { name: "Try it out" }).click();
  await operation.getByRole("button", { name: "Execute" }).click();
  await expect(operation.locator(".live-responses-table")).toContainText('"workspace_name": "Harbour"');
});

test("the page has the theme that was chosen for the pages", async ({ page, context, provost }) => {
  const html = page.locator("html.dark-mode");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(PATH);
  await expect(html).toBeAttached();
  await page.emulateMedia({ colorScheme: "light" });
  await expect(html).not.toBeAttached();
  await context.addCookies([{ name: "provost-theme", value: "dark", url: provost.url }]);
  await page.reload();
  await expect(html).toBeAttached();
});

for (const width of [1280, 390]) {
  test(`the bar around Swagger UI is accessible at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 844 });
    await page.goto(PATH);
    await expect(page.locator(".opblock").first()).toBeVisible();
    await expectAccessible(page, "header");
  });
}

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the page has a link to the document", async ({ page }) => {
    await page.goto(PATH);
    const link = page.getByRole("main").getByRole("link", { name: "openapi.json" });
    await expect(link).toHaveAttribute("href", "/api/openapi.json");
  });
});
