/** Runs flows with the real client and takes a screenshot of the page that lists them. */
import { copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Person } from "../support/person";
import { expect, test } from "../support/test";

const PICTURE = fileURLToPath(new URL("../picture.png", import.meta.url));
const FLOWS = fileURLToPath(new URL("flows.py", import.meta.url));

test("take the picture", async ({ page, provost, shell, context }) => {
  const person = await Person.create(provost, "isla-fraser");
  const api = `${provost.url}/api`;
  await shell.run(`prefect config set PREFECT_CLOUD_API_URL="${api}"
prefect cloud login --key ${person.key} -w isla-fraser/harbour`);
  copyFileSync(FLOWS, `${shell.folder}/flows.py`);
  const running = shell.run("python flows.py stop-file");
  await person.signInByRequest(context);
  await page.goto(person.runsPath);
  const last = page.getByRole("main").locator(".row", { hasText: "Dredging plan" });
  await expect(last).toContainText("Running", { timeout: 240_000 });
  await expect(page.getByRole("banner").getByRole("status")).toHaveText("Live");
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: PICTURE, animations: "disabled" });
  shell.write("stop-file", "");
  await running;
});
