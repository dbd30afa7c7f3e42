/** `prefect cloud login` in a pseudo-terminal, as a person runs it: without a key, so that the client opens the page in a browser. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Provost } from "./provost";
import type { Shell } from "./shell";

/** Connects the command's terminal with the standard input and output of this program. */
const IN_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
/** The program that the client starts as the browser: it keeps the URL for the test's browser. */
const BROWSER = '#!/bin/sh\nprintf %s "$1" > "$HOME/opened-url"\n';
const START_LIMIT = 60_000;
/** Between two keystrokes, because the client drops what is typed before it asks. */
const KEYSTROKE_INTERVAL = 500;

export class LoginTerminal {
  private output = "";
  private readonly exit: Promise<number | null>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly urlFile: string,
  ) {
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (this.output += text));
    this.exit = once(child, "exit").then(([code]) => code);
    // The terminal may close before a keystroke arrives.
    child.stdin?.on("error", () => {});
  }

  /** Points the client at the server, runs the command, and chooses the browser. */
  static async start(shell: Shell, provost: Provost): Promise<LoginTerminal> {
    await shell.run(`prefect config set PREFECT_CLOUD_API_URL=${provost.url}/api`);
    shell.write("browser.sh", BROWSER);
    await shell.run("chmod +x browser.sh");
    const command = ["python", "-c", IN_TERMINAL, "prefect", "cloud", "login"];
    const env = { BROWSER: `${join(shell.folder, "browser.sh")} %s`, COLUMNS: "200", TERM: "xterm" };
    const terminal = new LoginTerminal(shell.start(command, env), join(shell.folder, "opened-url"));
    await terminal.chooseBrowser();
    return terminal;
  }

  /** The page that the client opened. */
  get url(): string {
    return readFileSync(this.urlFile, "utf8");
  }

  /** The port on which the client waits. */
  get port(): number {
    return Number(this.url.match(/%3A(\d+)$/)?.[1]);
  }

  /** Waits until the command has ended; returns its exit code and its output. */
  async end(): Promise<{ code: number | null; output: string }> {
    return { code: await this.exit, output: this.output };
  }

  /** Ends the command, as Ctrl+C does. */
  async stop(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exit;
  }

  private async chooseBrowser(): Promise<void> {
    const deadline = Date.now() + START_LIMIT;
    while (!existsSync(this.urlFile)) {
      if (this.child.exitCode !== null || Date.now() > deadline) throw new Error(`no browser was opened:\n${this.output}`);
      if (this.output.includes("Paste an API key")) this.child.stdin?.write("\r");
      await pause(KEYSTROKE_INTERVAL);
    }
  }
}
