/** Runs the flows of the pictures with the real client. */
import { copyFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, type Page } from "@playwright/test";
import type { Person } from "../support/person";
import type { Shell } from "../support/shell";

const FLOWS = fileURLToPath(new URL("flows.py", import.meta.url));
const STOP_FILE = "stop-file";
/** How long pictures may take. */
const LIMIT = 1_800_000;

/** Scripts whose last flow runs until it is stopped. */
export class Harbour {
  private constructor(
    private readonly shell: Shell,
    private readonly ended: Promise<string>,
  ) {}

  /** Signs the shell's client in and starts `script`, which may import the flows of `flows.py`. */
  static async start(shell: Shell, person: Person, script = FLOWS): Promise<Harbour> {
    const api = `${person.provost.url}/api`;
    await shell.run(`prefect config set PREFECT_CLOUD_API_URL="${api}"
prefect cloud login --key ${person.key} -w ${person.handle}/harbour`);
    for (const file of new Set([FLOWS, script])) copyFileSync(file, `${shell.folder}/${basename(file)}`);
    return new Harbour(shell, shell.run(`python ${basename(script)} ${STOP_FILE}`, "", LIMIT));
  }

  /** Waits until the last flow runs, on the open page with the list of runs. */
  async expectAllStarted(page: Page): Promise<void> {
    const last = page.getByRole("main").locator(".row", { hasText: "Dredging plan" });
    const failure = this.ended.then((output) => Promise.reject(new Error(`the flows ended early:\n${output}`)));
    await Promise.race([expect(last).toContainText("Running", { timeout: 240_000 }), failure]);
  }

  async stop(): Promise<void> {
    this.shell.write(STOP_FILE, "");
    await this.ended;
  }
}
