/** The page that waits for a workspace's first run. */
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

const TOMORROW = 24 * 3_600_000;

test("planned runs leave the page waiting; the first that begins is shown", async ({ page, person, signedIn }) => {
  await page.goto(`${person.workspacePath}/first-run`);
  await waitForHydration(page);
  const heading = page.getByRole("heading", { level: 1 });
  const picture = page.locator(".firstpic");
  await expect(heading).toHaveText("Run your first flow");
  await expect(picture.getByRole("heading")).toHaveText("No runs yet");
  await person.client.createRun({ flow: "Tides", state: "SCHEDULED", due: new Date(Date.now() + TOMORROW) });
  await expect(picture.getByRole("heading")).toHaveText("No runs yet, 1 planned");
  await expect(heading).toHaveText("Run your first flow");

  const first = await person.client.createRun({ flow: "Ships" });
  await expect(heading).toHaveText("Your first run has arrived");
  await expect(picture).toContainText(`Ships / ${first.name}`);
  await person.client.finish(first);
  await person.client.finish(await person.client.createRun({ flow: "Tides" }));
  await page.reload();
  await expect(picture).toContainText(`Ships / ${first.name}`);
  await expect(picture).toContainText("Completed");
  await expect(picture.getByRole("heading")).toHaveText("2 runs, 1 planned");
});

test("the picture is as high as its chart, and the rail shows the place", async ({ page, person, signedIn }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${person.workspacePath}/first-run`);
  const [steps, picture] = await page.locator(".firstg > .card").evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect()));
  expect(picture?.top).toBe(steps?.top);
  expect(picture?.height).toBeLessThan(400);
  await expect(page.getByText(/^(Waiting since|Client connected)/)).toBeInViewport();
  await expect(page.getByRole("link", { name: "Flow runs" })).toHaveAttribute("aria-current", "page");
});
