import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { defineConfig } from "@playwright/test";
import { DESKTOP, PHONE } from "./support/windows";

/** The installed browser: none is downloaded. */
function chromium(): string {
  const configured = process.env.PROVOST_TEST_CHROMIUM;
  if (configured) return configured;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
  if (!found) throw new Error(`no Chromium on PATH (${names.join(", ")}); PROVOST_TEST_CHROMIUM can name one`);
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Only these specs run at both widths; in the others the width of the window makes no difference. */
const AT_BOTH_WIDTHS = /\/(accessibility|artifacts|filters|keyboard|navigation|pages|reading-order|run|variables)\.spec\.ts/;

export default defineConfig({
  testDir: "specs",
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  use: {
    // axe must not measure colours during a transition.
    contextOptions: { reducedMotion: "reduce" },
    // A failed test writes a snapshot of its page; `npx playwright test NAME --trace on` records a trace, which slows tests by an eighth.
    trace: "off",
    launchOptions: { executablePath: chromium(), args: ["--no-sandbox", "--disable-dev-shm-usage"] },
  },
  projects: [
    { name: "desktop", use: DESKTOP },
    { name: "phone", testMatch: AT_BOTH_WIDTHS, use: PHONE },
  ],
});
