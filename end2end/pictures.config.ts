/** Takes pictures of every page into a folder: `PICTURES=FOLDER npm run pictures`. Not a test. */
import { defineConfig } from "@playwright/test";
import testConfig from "./playwright.config";

export default defineConfig({
  ...testConfig,
  testDir: "pictures",
  // In one worker, so that the flows run once.
  fullyParallel: false,
  workers: 1,
  timeout: 300_000,
  projects: [{ name: "pictures" }],
});
