/** Takes the screenshot for the README: `npm run picture`. Not a test. */
import { defineConfig } from "@playwright/test";
import testConfig from "./playwright.config";

export default defineConfig({
  ...testConfig,
  testDir: "picture",
  timeout: 300_000,
  projects: [{ name: "picture", use: { viewport: { width: 1280, height: 760 }, colorScheme: "light" } }],
});
