/** Takes the picture of the README anew: `npm run picture`. No test of anything. */
import { defineConfig } from "@playwright/test";
import everyday from "./playwright.config";

export default defineConfig({
  ...everyday,
  testDir: "picture",
  timeout: 300_000,
  projects: [{ name: "picture", use: { viewport: { width: 1280, height: 760 }, colorScheme: "light" } }],
});
