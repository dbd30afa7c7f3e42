/** A key is shown once: afterwards it is nowhere. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { addresses, furnish } from "../house/furnished";
import { expect, test } from "../house/test";
import { hydrated } from "../house/watch";

test("after its dialog a key is in no page, log or file", async ({ page, person, provost, signedIn }) => {
  test.setTimeout(180_000);
  const furnished = await furnish(person);
  await page.goto("/my/api-keys");
  await hydrated(page);
  await page.getByRole("button", { name: "Create key" }).click();
  const making = page.getByRole("dialog", { name: "Create an API key" });
  await making.getByLabel("Name").fill("ci");
  await making.getByLabel("Expires").selectOption({ label: "Never" });
  await making.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog", { name: "Copy your key now" });
  const key = await dialog.locator(".copyf .what").innerText();
  expect(key).toMatch(/^pnu_[0-9A-Za-z]{36}$/);
  const works = () => page.request.get("/api/me/workspaces", { headers: { authorization: `Bearer ${key}` } });
  expect((await works()).status()).toBe(200);

  await page.reload();
  const row = page.getByRole("row").filter({ has: page.getByText("ci", { exact: true }) });
  await expect(row).toContainText("Never");
  await expect(row).toContainText(key.slice(-4));
  const answers: string[] = [];
  page.on("response", async (response) => {
    const isAsset = new URL(response.url()).pathname.startsWith("/pkg/");
    if (!isAsset) answers.push(await response.text().catch(() => ""));
  });
  for (const { path } of addresses(furnished)) {
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    answers.push(await page.content());
  }
  answers.push(provost.log(), ...filesIn(provost.data));
  expect(answers.filter((text) => text.includes(key))).toEqual([]);
  expect(answers.some((text) => text.includes(key.slice(-4))), "its end is shown: the search works").toBe(true);

  await page.goto("/my/api-keys");
  await hydrated(page);
  await page.getByRole("button", { name: "Delete ci" }).click();
  await page.getByRole("dialog", { name: "Delete ci?" }).getByRole("button", { name: "Delete key" }).click();
  await expect(page.getByRole("button", { name: "Delete ci" })).toBeHidden();
  expect((await works()).status()).toBe(401);
});

test("keys are searched and sorted in the address", async ({ page, person, provost, signedIn }) => {
  for (const name of ["abacus", "zither"]) await provost.admin("create-key", { user: person.handle, name });
  await page.goto("/my/api-keys?sort=name");
  const names = page.locator("main .row .name");
  await expect(names).toHaveText(["abacus", "laptop", "zither"]);
  await hydrated(page);
  await page.getByLabel("Find a key").fill("zit");
  await page.getByLabel("Find a key").press("Enter");
  await expect(names).toHaveText(["zither"]);
  expect(new URL(page.url()).searchParams.get("search")).toBe("zit");
  await page.getByLabel("Find a key").fill("nothing");
  await page.getByLabel("Find a key").press("Enter");
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(names).toHaveCount(3);
  await expect(page.getByLabel("Find a key")).toHaveValue("");
});

test("a new key stays in view until it is stored, whatever becomes of the list", async ({ page, signedIn, watch }) => {
  watch.expects(/\/ui\/api-keys|Failed to load/);
  await page.goto("/my/api-keys");
  await hydrated(page);
  await page.route("**/ui/api-keys*", (route) => route.abort("connectionrefused"));
  await page.getByRole("button", { name: "Create key" }).click();
  const making = page.getByRole("dialog", { name: "Create an API key" });
  await making.getByLabel("Name").fill("ci");
  await making.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog", { name: "Copy your key now" });
  await expect(page.getByText("Can’t load API keys")).toBeAttached();
  await expect(dialog.getByRole("button", { name: "Close" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(dialog.getByText(/^pnu_/).first()).toBeVisible();
  await dialog.getByLabel("I’ve stored it").check();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toBeHidden();
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("keys are sorted too, say how old they are, and help is in the menu", async ({ page, person, signedIn, provost }) => {
    await provost.admin("create-key", { user: person.handle, name: "abacus" });
    await page.goto("/my/api-keys");
    const names = page.locator("main .row .name");
    await expect(names).toHaveText(["abacus", "laptop"]);
    await expect(page.getByRole("row").filter({ hasText: "abacus" })).toContainText(/Created Today.*Last used: Not yet/);
    await hydrated(page);
    const order = page.getByLabel("Order of the keys");
    await order.selectOption("last-used");
    await expect(names).toHaveText(["laptop", "abacus"]);
    expect(new URL(page.url()).searchParams.get("sort")).toBe("last-used");
    await page.goBack();
    await expect(names).toHaveText(["abacus", "laptop"]);
    await expect(order).toHaveValue("newest");

    await page.locator("summary[aria-label^='Account menu']:visible").click();
    await page.getByRole("link", { name: "Help" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Help" })).toBeVisible();
  });
});

function filesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((file) => readFileSync(join(file.parentPath ?? file.path, file.name), "latin1"));
}
