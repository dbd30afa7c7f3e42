/** Local mode: one command connects a client, and pages do not mention keys. */
import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/accessibility";
import { Provost } from "../support/provost";
import { terminalText } from "../support/terminal";
import { expect, test as base } from "../support/test";

const test = base.extend<{ ownProvost: Provost }>({
  ownProvost: async ({}, use) => {
    const provost = await Provost.start({ local: true });
    await use(provost);
    await provost.dispose();
  },
  baseURL: async ({ ownProvost }, use) => use(ownProvost.url),
});

test("instructions on all pages connect with one command", async ({ page, shell, ownProvost }) => {
  test.setTimeout(120_000);
  await page.goto("/");
  await page.getByRole("article").getByRole("link", { name: "default", exact: true }).click();
  await page.waitForURL(/\/runs$/);
  const workspace = new URL(page.url()).pathname.replace(/\/runs$/, "");
  const line = `prefect config set PREFECT_API_URL="${ownProvost.url}/api"`;

  await page.goto(`${workspace}/first-run`);
  const step = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Connect", exact: true }) });
  await expect(step.locator(".what")).toHaveText(line);
  await expectNoKeys(page);
  for (const path of ["/help", `${workspace}/settings`]) {
    await page.goto(path);
    expect(await terminalText(page, "Connect from a terminal")).toBe(`pip install -U prefect\n${line}`);
    await expectNoKeys(page);
  }

  await shell.run(line);
  shell.write("hello.py", await exampleFlow(page));
  await shell.run("python hello.py");
  await page.goto(`${workspace}/runs`);
  await expect(page.getByRole("main")).toContainText("Testing");
});

test("a second workspace shows instructions with a key", async ({ page }) => {
  await page.goto("/workspaces/new");
  await page.getByLabel("Name", { exact: true }).fill("Quay");
  await page.getByRole("button", { name: "Create workspace" }).click();
  await expect(page.getByRole("main")).toContainText("prefect cloud login --key YOUR_KEY -w local/quay");
  await page.goto("/help");
  expect(await terminalText(page, "Connect from a terminal"), "the default one first").toContain("PREFECT_API_URL");
});

async function exampleFlow(page: Page): Promise<string> {
  await page.goto("/help");
  return terminalText(page, "hello.py");
}

async function expectNoKeys(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  // The help page lists the shortcut of the page of keys, which local mode has for other workspaces.
  const text = await page.getByRole("main").evaluate((main) => {
    const copy = main.cloneNode(true) as HTMLElement;
    copy.querySelector("dl.keys")?.remove();
    return copy.textContent;
  });
  expect(text).not.toMatch(/YOUR_KEY|cloud login|API key|sign in/i);
  await expectAccessible(page);
}
