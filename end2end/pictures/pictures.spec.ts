/** Takes pictures of every page in light and dark theme, at both widths, into the folder that `PICTURES` names. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Page } from "@playwright/test";
import { waitForHydration } from "../support/monitor";
import { signInByRequest } from "../support/person";
import { expect } from "../support/test";
import { DESKTOP, PHONE } from "../support/windows";
import { test } from "./harbour";
import { NEWCOMER_VIEWS, PUBLIC_VIEWS, type View, viewsOf } from "./views";

const FOLDER = process.env.PICTURES;
/** Pages without the frame, whose hydration has no visible sign. */
const WITHOUT_FRAME = /^\/(sign-in|register|auth\/client|nowhere)$/;

for (const window of [DESKTOP, PHONE]) {
  for (const theme of ["light", "dark"] as const) {
    test(`pictures in ${theme} theme, ${window.viewport.width} px wide`, async ({ browser, scene }) => {
      if (!FOLDER) throw new Error("PICTURES must name a folder");
      mkdirSync(FOLDER, { recursive: true });
      const { provost } = scene.person;
      const open = () => browser.newContext({ ...window, baseURL: provost.url, colorScheme: theme, reducedMotion: "reduce" });
      const suffix = `${theme}-${window.viewport.width}`;
      const visitor = await open();
      await takeAll(visitor, PUBLIC_VIEWS, suffix);
      const newcomer = await open();
      await signInByRequest(newcomer, provost, scene.newcomer);
      await takeAll(newcomer, NEWCOMER_VIEWS, suffix);
      const person = await open();
      await scene.person.signInByRequest(person);
      await takeAll(person, await viewsOf(scene), suffix);
    });
  }
}

async function takeAll(context: BrowserContext, views: View[], suffix: string): Promise<void> {
  for (const view of views) {
    const page = await context.newPage();
    await page.goto(view.path);
    await settle(page, view.path);
    await view.open?.(page);
    await take(page, `${view.name}-${suffix}`);
    if (view.name === "api-key-created") await deleteKey(page);
    await page.close();
  }
  await context.close();
}

/** Waits for what changes after the page has loaded. */
async function settle(page: Page, path: string): Promise<void> {
  await (WITHOUT_FRAME.test(path) ? page.waitForLoadState("networkidle") : waitForHydration(page));
  const status = page.getByRole("banner").getByRole("status");
  if (await status.count()) await expect(status).toHaveText(/^(Live|Waiting)/);
  await page.evaluate(() => document.fonts.ready);
}

/** The window, and if the page is longer all of it as well. */
async function take(page: Page, name: string): Promise<void> {
  const path = (name: string) => join(FOLDER ?? "", `${name}.png`);
  await page.screenshot({ path: path(name), animations: "disabled" });
  const isLonger = await page.evaluate(() => document.documentElement.scrollHeight > innerHeight);
  if (isLonger) await page.screenshot({ path: path(`${name}-full`), animations: "disabled", fullPage: true });
}

async function deleteKey(page: Page): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Copy your key now" });
  await dialog.getByLabel("I’ve saved the key").check();
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Delete ci" }).click();
  await page.getByRole("dialog", { name: "Delete ci?" }).getByRole("button", { name: "Delete key" }).click();
  await expect(page.getByRole("button", { name: "Delete ci" })).toBeHidden();
}
