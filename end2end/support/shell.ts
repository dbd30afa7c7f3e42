/** A shell with a real client on its PATH and a new home folder. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { testEnvironment, VENVS } from "./provost";

const NEWEST = "3.8.8";
const LIMIT = 120_000;

export class Shell {
  readonly folder = mkdtempSync(join(tmpdir(), "provost-shell-"));
  private readonly env: NodeJS.ProcessEnv;

  constructor(version = NEWEST) {
    // Makes `pip install prefect` without a version resolve to the installed version.
    const constraint = join(this.folder, "constraint.txt");
    writeFileSync(constraint, `prefect==${version}\n`);
    const venv = join(VENVS, version);
    const env = testEnvironment();
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

  /** Runs `script` in bash and stops at the first failing line; `input` is its standard input. Returns its output. */
  run(script: string, input = "", limit = LIMIT): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { cwd: this.folder, env: this.env, timeout: limit };
      const child = execFile("bash", ["-ec", script], options, (error, stdout, stderr) =>
        error ? reject(new Error(`${error.message}\n${stdout}\n${stderr}`)) : resolve(stdout + stderr),
      );
      // A script that does not read its input may end before the input is written.
      child.stdin?.on("error", () => {}).end(input);
    });
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true });
  }
}
