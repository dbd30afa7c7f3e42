/** Three pages show commands that connect a client; with only the key filled in, they run unchanged. */
import type { Page } from "@playwright/test";
import type { Run } from "../support/client";
import type { Person } from "../support/person";
import { Shell } from "../support/shell";
import { terminalText } from "../support/terminal";
import { expect, test } from "../support/test";

const KEY_PLACEHOLDER = "YOUR_KEY";

interface Instructions {
  steps: string;
  byHand: string;
  legacy: string;
  legacyByHand: string;
}

test("commands on settings, help and first run connect a client", async ({ page, person, signedIn }) => {
  test.setTimeout(240_000);
  const texts = [
    await instructionsOn(page, `${person.workspacePath}/settings`),
    await instructionsOn(page, "/help"),
    await instructionsOn(page, `${person.workspacePath}/first-run`),
  ];
  const run = await person.client.createRun({ flow: "Tides" });
  // Identical instructions on several pages are tested once.
  for (const steps of new Set(texts.map(({ steps }) => steps))) await expectConnects(steps, person, run);
  for (const byHand of new Set(texts.map(({ byHand }) => byHand))) await expectConnects(byHand, person, run);
  for (const legacy of new Set(texts.map(({ legacy }) => legacy))) await expectConnects(legacy, person, run, "2.0.4");
  for (const byHand of new Set(texts.map(({ legacyByHand }) => legacyByHand))) await expectConnects(byHand, person, run, "2.0.4");
});

test("help shows placeholders to a visitor who is not signed in", async ({ page }) => {
  const { steps, byHand, legacy, legacyByHand } = await instructionsOn(page, "/help");
  expect(steps).toMatch(/^pip install .*\nprefect config set PREFECT_CLOUD_API_URL=.*\nprefect cloud login --key YOUR_KEY$/);
  expect(legacy).toContain("PREFECT_CLOUD_URL");
  for (const text of [byHand, legacyByHand]) expect(text).toContain("/accounts/ACCOUNT_ID/workspaces/WORKSPACE_ID");
});

/** Runs the commands and checks that the client can then read a run of the workspace. */
async function expectConnects(text: string, person: Person, run: Run, version?: string): Promise<void> {
  expect(text).toContain(KEY_PLACEHOLDER);
  const shell = new Shell(version);
  // Client 2.0 asks for the name of the profile that it creates.
  await shell.run(text.replaceAll(KEY_PLACEHOLDER, person.key), version ? "provost\n" : "");
  expect(await shell.run(`prefect flow-run inspect ${run.id}`), text).toContain(run.name);
  shell.dispose();
}

async function instructionsOn(page: Page, path: string): Promise<Instructions> {
  await page.goto(path);
  return {
    steps: path.endsWith("/first-run") ? await firstStepsOn(page) : await terminalText(page, "Sign in from a terminal"),
    byHand: await terminalText(page, "Manual setup, without prefect cloud login"),
    legacy: await terminalText(page, "Client 2.0"),
    legacyByHand: await terminalText(page, "Client 2.0, manual setup"),
  };
}

/** The commands of the first two steps, which are collapsed because a key was used, and can be opened. */
async function firstStepsOn(page: Page): Promise<string> {
  const texts: string[] = [];
  for (const step of ["Install", "Sign in"]) {
    const item = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: step, exact: true }) });
    const commands = item.locator(".what");
    await expect(commands).toBeHidden();
    await item.locator("summary").first().click();
    await expect(commands).toBeVisible();
    texts.push((await commands.textContent()) ?? "");
  }
  return texts.join("").trim();
}
