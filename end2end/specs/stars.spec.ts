/** Stars on the list of workspaces. */
import type { Page } from "@playwright/test";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

test("starring by keyboard sorts workspaces and keeps focus", async ({ page, person, signedIn, monitor }) => {
  for (const name of ["Quay", "Slip"]) await person.createWorkspace(name);
  await page.goto("/");
  await waitForHydration(page);
  await expect(names(page)).toHaveText(["Harbour", "Quay", "Slip"]);
  await page.getByRole("button", { name: "Star Slip" }).focus();
  await page.keyboard.press("Enter");
  const starred = page.getByRole("button", { name: "Unstar Slip" });
  await expect(starred).toBeFocused();
  await expect(starred).toHaveAttribute("aria-pressed", "true");
  const toasts = page.locator(".toast");
  await expect(toasts).toHaveText("Starred Slip");
  await expect(names(page)).toHaveText(["Harbour", "Quay", "Slip"]);
  await page.reload();
  await expect(names(page), "starred ones first").toHaveText(["Slip", "Harbour", "Quay"]);
  await waitForHydration(page);
  await starred.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Star Slip", exact: true })).toBeFocused();
  await expect(toasts).toHaveText("Unstarred Slip");
  // A change on the same page replaces no other toast, and the same change none but its own.
  await page.keyboard.press("Enter");
  await expect(toasts).toHaveText(["Unstarred Slip", "Starred Slip"]);
  await page.keyboard.press("Enter");
  await expect(toasts).toHaveText(["Starred Slip", "Unstarred Slip"]);

  monitor.allow(/star-workspace|Failed to load/);
  await page.route("**/ui/star-workspace", (route) => route.abort("connectionrefused"));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("The server didn’t respond");
  await expect(page.getByRole("button", { name: "Star Slip", exact: true })).toBeFocused();
  await page.reload();
  await expect(names(page)).toHaveText(["Harbour", "Quay", "Slip"]);
});

function names(page: Page) {
  return page.getByRole("article").locator("a.name");
}
