/** What connects a client stands on three pages: with a key put in, and nothing else changed, it runs as it is. */
import type { Page } from "@playwright/test";
import type { Run } from "../house/client";
import type { Person } from "../house/person";
import { Shell } from "../house/shell";
import { textOf } from "../house/terminal";
import { expect, test } from "../house/test";

const ANY_KEY = "YOUR_KEY";

interface Texts {
  steps: string;
  byHand: string;
  first: string;
  firstByHand: string;
}

test("the commands of settings, help and first run connect a client", async ({ page, person, signedIn }) => {
  test.setTimeout(240_000);
  const texts = [
    await textsOf(page, `${person.workspace}/settings`),
    await textsOf(page, "/help"),
    await textsOf(page, `${person.workspace}/first-run`),
  ];
  const run = await person.client.run({ flow: "Tides" });
  // Where pages say the same, once is enough.
  for (const steps of new Set(texts.map(({ steps }) => steps))) await connects(steps, person, run);
  for (const byHand of new Set(texts.map(({ byHand }) => byHand))) await connects(byHand, person, run);
  for (const first of new Set(texts.map(({ first }) => first))) await connects(first, person, run, "2.0.4");
  for (const byHand of new Set(texts.map(({ firstByHand }) => firstByHand))) await connects(byHand, person, run, "2.0.4");
});

test("whoever isn't signed in reads all of it too, with words where ids will stand", async ({ page }) => {
  const { steps, byHand, first, firstByHand } = await textsOf(page, "/help");
  expect(steps).toMatch(/^pip install .*\nprefect config set PREFECT_CLOUD_API_URL=.*\nprefect cloud login --key YOUR_KEY$/);
  expect(first).toContain("PREFECT_CLOUD_URL");
  for (const text of [byHand, firstByHand]) expect(text).toContain("/accounts/ACCOUNT_ID/workspaces/WORKSPACE_ID");
});

/** The client's own answer is the proof: it names a run of the workspace. */
async function connects(text: string, person: Person, run: Run, version?: string): Promise<void> {
  expect(text).toContain(ANY_KEY);
  const shell = new Shell(version);
  // The first client asks what to call the profile that it makes.
  await shell.run(text.replaceAll(ANY_KEY, person.key), version ? "provost\n" : "");
  expect(await shell.run(`prefect flow-run inspect ${run.id}`), text).toContain(run.name);
  shell.end();
}

async function textsOf(page: Page, path: string): Promise<Texts> {
  await page.goto(path);
  return {
    steps: path.endsWith("/first-run") ? await stepsOf(page) : await textOf(page, "Sign in from a shell"),
    byHand: await textOf(page, "By hand, instead of the login"),
    first: await textOf(page, "Client 2.0"),
    firstByHand: await textOf(page, "Client 2.0, by hand"),
  };
}

/** The first two steps, folded since a key was used: they open again. */
async function stepsOf(page: Page): Promise<string> {
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
