/** Nothing may go wrong behind a page: a message of the console, an error of a script, a failed request is a finding. */
import { type BrowserContext, expect, type Page } from "@playwright/test";

export class Watch {
  private readonly findings: string[] = [];
  private readonly expected: RegExp[] = [];

  /** Leaving a page ends what it still asked for; that is no failure. */
  private static readonly LEFT = "net::ERR_ABORTED";

  /** A browser without scripts refuses to fetch one. */
  private static readonly NO_SCRIPTS = "csp";

  context(context: BrowserContext, scripts = true): void {
    context.on("console", (message) => {
      this.found(`console ${message.type()}: ${message.text()}`, message.location().url);
    });
    context.on("weberror", (error) => this.found(`script: ${error.error().message}`));
    context.on("requestfailed", (request) => {
      const why = request.failure()?.errorText ?? "unknown";
      const normal = why === Watch.LEFT || (!scripts && why === Watch.NO_SCRIPTS);
      if (!normal) this.found(`failed: ${request.method()} ${why}`, request.url());
    });
    context.on("response", (response) => {
      if (response.status() >= 400) this.found(`answered ${response.status()}`, response.url());
    });
  }

  /** What goes wrong on purpose from here on. It may, it need not: the test itself asserts what is to happen. */
  expects(finding: RegExp): void {
    this.expected.push(finding);
  }

  private found(what: string, url = ""): void {
    const finding = `${what} ${url}`.trim();
    if (!this.expected.some((pattern) => pattern.test(finding))) this.findings.push(finding);
  }

  close(): void {
    expect(this.findings, "what went wrong behind the pages").toEqual([]);
  }
}

/** Scripts have taken the page over: the theme switch is drawn by them alone. */
export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator('[role="group"][aria-label="Theme"]').first()).toBeAttached();
}
