/** A person's shell with a real client on its PATH, and a home of its own. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { surroundings } from "./provost";

const ENVIRONMENTS = process.env.PROVOST_TEST_VENVS ?? fileURLToPath(new URL("../../target/venv", import.meta.url));
const NEWEST = "3.8.8";
const LIMIT = 120_000;

export class Shell {
  readonly folder = mkdtempSync(join(tmpdir(), "provost-shell-"));
  private readonly env: NodeJS.ProcessEnv;

  constructor(version = NEWEST) {
    // What a command installs without naming a version resolves to the one that is there.
    const constraint = join(this.folder, "constraint.txt");
    writeFileSync(constraint, `prefect==${version}\n`);
    const venv = join(ENVIRONMENTS, version);
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

  /** Runs lines as they are; the first that fails ends it. `answers` are typed to what they ask. Gives back what was printed. */
  run(lines: string, answers = ""): Promise<string> {
    return new Promise((done, fail) => {
      const options = { cwd: this.folder, env: this.env, timeout: LIMIT };
      const child = execFile("bash", ["-ec", lines], options, (error, printed, said) =>
        error ? fail(new Error(`${error.message}\n${printed}\n${said}`)) : done(printed + said),
      );
      // Lines that read nothing may be done before they could be told anything.
      child.stdin?.on("error", () => {}).end(answers);
    });
  }

  end(): void {
    rmSync(this.folder, { recursive: true });
  }
}
