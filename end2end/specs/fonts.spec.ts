/** The files of fonts that a page loads: those of its letters. */
import type { Page } from "@playwright/test";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

const TEXT = "Atkinson Hyperlegible Next";
const MONO = "Spline Sans Mono";

/** The fonts that the page requests from now on, without their hashes, and how they may be cached. */
function observeFonts(page: Page): Map<string, string> {
  const fonts = new Map<string, string>();
  page.on("response", (response) => {
    const name = new URL(response.url()).pathname.match(/fonts\/(.*)-[0-9a-f]{16}\.woff2$/)?.[1];
    if (name) fonts.set(name, response.headers()["cache-control"] ?? "");
  });
  return fonts;
}

test("letters of Western Europe need one file for each family", async ({ page, person, signedIn }) => {
  const path = await person.createWorkspace("Ærø œuvre");
  const fonts = observeFonts(page);
  await page.goto(`${path}/runs`);
  await waitForHydration(page);
  await page.evaluate(() => document.fonts.ready);
  expect([...fonts.keys()].sort()).toEqual(["atkinson-hyperlegible-next-400-700", "spline-sans-mono-400-600"]);
});

test("other Latin letters are of the same family", async ({ page, person, signedIn }) => {
  const path = await person.createWorkspace("Ōsaka Łódź");
  await person.client.createVariable("port", "Gdańsk");
  const fonts = observeFonts(page);
  const isLoaded = (family: string) => page.evaluate((family) => document.fonts.check(`16px "${family}"`, "Ōńź"), family);
  await page.goto(`${path}/runs`);
  await waitForHydration(page);
  await expect.poll(() => isLoaded(TEXT)).toBe(true);
  expect(fonts.get("atkinson-hyperlegible-next-400-700-ext")).toContain("immutable");
  expect(fonts.has("spline-sans-mono-400-600-ext")).toBe(false);

  await page.goto(person.variablesPath);
  await waitForHydration(page);
  await expect.poll(() => isLoaded(MONO)).toBe(true);
  expect(fonts.get("spline-sans-mono-400-600-ext")).toContain("immutable");
});
