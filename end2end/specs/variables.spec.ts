/** The page of variables: list, search, dialogs, and what a viewer sees. */
import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/accessibility";
import { expect, test } from "../support/test";
import { waitForHydration } from "../support/monitor";

test("a variable is created, edited and deleted", async ({ page, person, signedIn }) => {
  await page.goto(person.variablesPath);
  await expect(page.getByRole("heading", { name: "No variables yet" })).toBeVisible();
  await expect(page.getByText("prefect variable set batch_size 5000")).toBeVisible();
  await waitForHydration(page);
  await expectAccessible(page);

  const create = page.getByRole("link", { name: "Create variable" });
  await create.click();
  const dialog = page.getByRole("dialog", { name: "Create variable" });
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await dialog.getByLabel("Name").fill("tariff_zones");
  await dialog.getByText("JSON", { exact: true }).click();
  await value(page).fill('{"north": [7, 19]}');
  await expect(dialog.getByText("Valid JSON, an object with 1 key")).toBeVisible();
  await dialog.getByLabel("Tags").fill("ingest");
  await page.keyboard.press("Enter");
  await dialog.getByLabel("Tags").fill("nightly");
  await expect(dialog.getByText('Variable.get("tariff_zones")')).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Create variable" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("Variable created")).toBeVisible();
  const row = page.getByRole("row").filter({ hasText: "tariff_zones" });
  await expect(row).toContainText('{ "north": [7, 19] }');
  await expect(page.getByText("1 variable", { exact: true })).toBeVisible();
  await expect(create).toBeFocused();

  await expect(row.getByRole("link", { name: "tariff_zones" })).toHaveAttribute("title", /^tariff_zones\nChanged \w+day /);
  await row.getByRole("link", { name: "tariff_zones" }).click();
  const edit = page.getByRole("dialog", { name: "Edit variable" });
  await expect(value(page)).toHaveValue('{ "north": [7, 19] }');
  await expect(edit.locator(".token b")).toHaveText(["ingest", "nightly"]);
  await edit.getByRole("button", { name: "Remove ingest" }).click();
  await edit.getByText("Number", { exact: true }).click();
  await value(page).fill("48");
  await edit.getByLabel("Name").fill("hours");
  await expectAccessible(page);
  await edit.getByRole("button", { name: "Save" }).click();
  await expect(edit).toBeHidden();
  const hours = page.getByRole("row").filter({ hasText: "hours" });
  await expect(hours).toContainText("48");
  await expect(hours.getByRole("link", { name: "hours" })).toBeFocused();
  // The dialog's own address would open it again.
  await page.waitForURL((url) => url.search === "");
  await page.reload();
  await waitForHydration(page);
  await expect(hours).not.toContainText("ingest");

  await hours.getByLabel("Actions for hours").click();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Delete" }).click();
  const ask = page.getByRole("dialog", { name: "Delete hours?" });
  await expect(ask.getByText("Flows that read this variable may fail.")).toBeVisible();
  await expectAccessible(page);
  await ask.getByRole("button", { name: "Cancel" }).click();
  await expect(ask).toBeHidden();
  await expect(hours).toBeVisible();

  await hours.getByRole("link", { name: "hours" }).click();
  await edit.getByRole("link", { name: "Delete" }).click();
  await ask.getByRole("button", { name: "Delete variable" }).click();
  await expect(ask).toBeHidden();
  await expect(page.getByText("Variable deleted")).toBeVisible();
  await expect(page.getByRole("heading", { name: "No variables yet" })).toBeVisible();
  expect(new URL(page.url()).search).toBe("");
});

test("JSON is checked while it is typed", async ({ page, person, signedIn }) => {
  await page.goto(`${person.variablesPath}?new=`);
  await waitForHydration(page);
  const dialog = page.getByRole("dialog", { name: "Create variable" });
  const send = dialog.getByRole("button", { name: "Create variable" });
  await dialog.getByText("JSON", { exact: true }).click();
  await expect(send).toBeDisabled();
  await value(page).click();
  await page.keyboard.type('{"a": 1,\n"b": 2,\n');
  await expect(dialog.getByText("Line 3: a value is missing.")).toBeVisible();
  await page.keyboard.type("}");
  await expect(dialog.getByText("Line 3: a comma before } or ] isn’t allowed.")).toBeVisible();
  await expect(dialog.locator(".code .bad")).toHaveText("}");
  await expect(value(page)).toHaveAttribute("aria-invalid", "true");
  await expect(send).toBeDisabled();
  await expectAccessible(page);
  await value(page).fill('{"a": 1}');
  await expect(dialog.getByText("Valid JSON, an object with 1 key")).toBeVisible();
  await expect(dialog.getByText("7 of 5,000")).toBeVisible();
  await expect(send).toBeEnabled();
  await value(page).fill(JSON.stringify("x".repeat(5_000)));
  await expect(dialog.getByText("A value has at most 5000 characters as JSON, got 5002.")).toBeVisible();

  await dialog.getByText("Text", { exact: true }).click();
  await value(page).fill('say "hi"');
  await expect(send).toBeEnabled();
  await dialog.getByText("JSON", { exact: true }).click();
  await expect(value(page)).toHaveValue('"say \\"hi\\""');
  await dialog.getByText("Boolean", { exact: true }).click();
  await expect(value(page)).toHaveCount(0);
  await dialog.getByRole("combobox", { name: "Value" }).selectOption("true");
  await dialog.getByLabel("Name").fill("Maintenance");
  await expect(dialog.getByText(/^Only lowercase letters/)).toBeVisible();
  await dialog.getByLabel("Name").fill("maintenance");
  await send.click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("row").filter({ hasText: "maintenance" })).toContainText("true");
});

test("a name that is taken is an error of its field", async ({ page, person, signedIn }) => {
  await person.client.createVariable("batch_size", 5000);
  await page.goto(`${person.variablesPath}?new=`);
  await waitForHydration(page);
  const dialog = page.getByRole("dialog", { name: "Create variable" });
  await dialog.getByLabel("Name").fill("batch_size");
  await dialog.getByRole("button", { name: "Create variable" }).click();
  await expect(dialog.getByText("A variable with this name already exists.")).toBeVisible();
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await dialog.getByLabel("Name").fill("batch_size_2");
  await dialog.getByRole("button", { name: "Create variable" }).click();
  await expect(page.getByText("2 variables")).toBeVisible();
});

test("the list is searched, sorted and paged, and all of it is in the URL", async ({ page, person, signedIn }) => {
  const { client } = person;
  for (let number = 0; number < 51; number++) await client.createVariable(`v${String(number).padStart(2, "0")}`, number, number ? [] : ["first"]);
  await page.goto(person.variablesPath);
  const names = page.getByRole("main").locator(".row .name");
  await expect(names).toHaveCount(50);
  await waitForHydration(page);
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page.getByText("51 to 51 of 51")).toBeVisible();
  await expect(names).toHaveText(["v50"]);
  const search = page.getByLabel("Search by name, value or tag");
  for (const [text, found] of [["V1", "v10"], ["first", "v00"], ["50", "v50"]]) {
    await search.fill(text);
    await search.press("Enter");
    await expect(names.first()).toHaveText(found);
    expect(new URL(page.url()).searchParams.get("search")).toBe(text);
    expect(new URL(page.url()).searchParams.has("page")).toBe(false);
  }
  await page.reload();
  await expect(names).toHaveText(["v50"]);
  await waitForHydration(page);
  await search.fill("nothing");
  await search.press("Enter");
  await expect(page.getByRole("heading", { name: "No variables match" })).toBeVisible();
  await expect(page.getByText("Without the search, the list has 51 variables.")).toBeVisible();
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(search).toHaveValue("");
  await expect(names).toHaveCount(50);

  await page.goto(`${person.variablesPath}?sort=changed`);
  await expect(names.first()).toHaveText("v50");
  await page.goto(`${person.variablesPath}?page=x&search=${"x".repeat(600)}`);
  await expect(page.getByText("Search and Page aren’t valid, so they were ignored.")).toBeVisible();
  await page.goto(`${person.variablesPath}?page=9`);
  await expect(page.getByRole("heading", { name: "No variables on this page" })).toBeVisible();
  await expect(page.getByText("That’s past the last page. The list has 51 variables.")).toBeVisible();
});

test("changes by clients appear on the open page", async ({ page, person, signedIn }) => {
  const { client } = person;
  await page.goto(person.variablesPath);
  await expect(page.getByRole("banner").getByRole("status")).toHaveText("Live");
  await client.createVariable("zones", ["uk"], ["ingest"]);
  const row = page.getByRole("row").filter({ hasText: "zones" });
  await expect(row).toContainText('["uk"]');
  await client.createVariable("batch_size", 5000);
  await expect(page.getByRole("main").locator(".row .name")).toHaveText(["batch_size", "zones"]);
  const link = row.getByRole("link", { name: "zones" });
  await link.focus();
  await client.updateVariable("zones", { value: { uk: [1] } });
  await expect(row).toContainText('{ "uk": [1] }');
  await expect(link).toBeFocused();
  await client.deleteVariable("zones");
  await expect(page.getByText("1 variable", { exact: true })).toBeVisible();
});

test("a failed save keeps the dialog and what was typed", async ({ page, person, signedIn, monitor }) => {
  monitor.allow(/save-variable|Failed to load|404/);
  const { id } = await person.client.createVariable("zones", ["uk"]);
  await page.goto(`${person.variablesPath}?variable=${id}`);
  await waitForHydration(page);
  const dialog = page.getByRole("dialog", { name: "Edit variable" });
  await page.route("**/ui/save-variable", (route) => route.abort("connectionrefused"));
  await value(page).fill('["uk", "ie"]');
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert")).toContainText("The server didn’t respond.");
  await expect(value(page)).toHaveValue('["uk", "ie"]');
  await page.unrouteAll();
  await person.client.deleteVariable("zones");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert")).toContainText("This no longer exists");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await page.goto(`${person.variablesPath}?variable=${id}`);
  await expect(page.getByText("This variable doesn’t exist. It may have been deleted.")).toBeVisible();
});

test("a viewer reads whole values and has no buttons", async ({ page, person, signedIn }) => {
  const { client } = person;
  const { id } = await client.createVariable("zones", { north: ["x".repeat(200)] }, ["ingest"]);
  await person.becomeViewer();
  await page.goto(person.variablesPath);
  await waitForHydration(page);
  await expect(page.getByRole("row").filter({ hasText: "zones" })).toContainText("…");
  await expect(page.getByRole("link", { name: "Create variable" })).toHaveCount(0);
  await expect(page.getByRole("main").locator("summary")).toHaveCount(0);
  await page.getByRole("link", { name: "zones" }).click();
  const dialog = page.getByRole("dialog", { name: "zones" });
  await expect(dialog.getByRole("region", { name: "Value" })).toContainText("x".repeat(200));
  await expect(dialog.getByText("ingest")).toBeVisible();
  await expect(dialog.getByRole("button", { name: /Save|Delete/ })).toHaveCount(0);
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("link", { name: "zones" })).toBeFocused();
  for (const query of ["new=", `delete=${id}`]) {
    await page.goto(`${person.variablesPath}?${query}`);
    await expect(page.getByRole("row").filter({ hasText: "zones" })).toBeVisible();
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
});

/** The text area of the value. */
function value(page: Page) {
  return page.getByRole("dialog").getByRole("textbox", { name: "Value" });
}
