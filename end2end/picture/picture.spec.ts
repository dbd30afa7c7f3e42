/** Runs flows with the real client and takes a screenshot of the page that lists them. */
import { fileURLToPath } from "node:url";
import { Person } from "../support/person";
import { expect, test } from "../support/test";
import { Harbour } from "./harbour";

const PICTURE = fileURLToPath(new URL("../picture.png", import.meta.url));

test("take the picture", async ({ page, provost, shell, context }) => {
  const person = await Person.create(provost, "isla-fraser");
  const harbour = await Harbour.start(shell, person);
  await person.signInByRequest(context);
  await page.goto(person.runsPath);
  await harbour.expectAllStarted(page);
  await expect(page.getByRole("banner").getByRole("status")).toHaveText("Live");
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: PICTURE, animations: "disabled" });
  await harbour.stop();
});
