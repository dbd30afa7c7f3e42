/** Measures the first loads of pages and prints a table: `npm run measures`. Not a test: the figures depend on the machine. */
import { defineConfig } from "@playwright/test";
import testConfig from "./playwright.config";

export default defineConfig({
  ...testConfig,
  testDir: "measures",
  // Nothing else may run meanwhile.
  workers: 1,
  timeout: 600_000,
  reporter: "line",
  projects: [{ name: "measures", use: { viewport: { width: 1280, height: 800 } } }],
});
