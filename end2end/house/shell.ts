/** A person's shell with the real client on its PATH, and a home of its own. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { surroundings } from "./provost";

const ENVIRONMENTS = process.env.PROVOST_TEST_VENVS ?? fileURLToPath(new URL("../../target/venv", import.meta.url));
const VERSION = "3.8.8";
const LIMIT = 120_000;

export class Shell {
  readonly folder = mkdtempSync(join(tmpdir(), "provost-shell-"));
  private readonly env: NodeJS.ProcessEnv;

  constructor() {
    // What a command installs without naming a version resolves to the one that is there.
    const constraint = join(this.folder, "constraint.txt");
    writeFileSync(constraint, `prefect==${VERSION}\n`);
    const venv = join(ENVIRONMENTS, VERSION);
    const env = surroundings();
    this.env = {
      ...env,
      PATH: [join(venv, "bin"), env.PATH].join(delimiter),
      VIRTUAL_ENV: venv,
      HOME: this.folder,
      PIP_CONSTRAINT: constraint,
      PIP_DISABLE_PIP_VERSION_CHECK: "1",
      PREFECT_HOME: join(this.folder, "prefect"),
      DO_NOT_TRACK: "1",
    };
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Runs lines as they are; the first that fails ends it. Gives back what was printed. */
  run(lines: string): Promise<string> {
    return new Promise((done, fail) => {
      const options = { cwd: this.folder, env: this.env, timeout: LIMIT };
      execFile("bash", ["-ec", lines], options, (error, printed, said) =>
        error ? fail(new Error(`${error.message}\n${printed}\n${said}`)) : done(printed + said),
      );
    });
  }

  end(): void {
    rmSync(this.folder, { recursive: true });
  }
}
