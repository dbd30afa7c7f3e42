/** Fails a test on any console message, script error or failed request in the browser. */
import { type BrowserContext, expect, type Page } from "@playwright/test";

export class PageMonitor {
  private readonly problems: string[] = [];
  private readonly allowed: RegExp[] = [];

  /** Leaving a page aborts its pending requests, which is not a failure. */
  private static readonly ABORTED = "net::ERR_ABORTED";

  /** A browser with JavaScript off does not load scripts. */
  private static readonly SCRIPT_BLOCKED = "csp";

  observe(context: BrowserContext, scripts = true): void {
    context.on("console", (message) => {
      this.report(`console ${message.type()}: ${message.text()}`, message.location().url);
    });
    context.on("weberror", (error) => this.report(`script: ${error.error().message}`));
    context.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText ?? "unknown";
      const normal = reason === PageMonitor.ABORTED || (!scripts && reason === PageMonitor.SCRIPT_BLOCKED);
      if (!normal) this.report(`failed: ${request.method()} ${reason}`, request.url());
    });
    context.on("response", (response) => {
      if (response.status() >= 400) this.report(`status ${response.status()}`, response.url());
    });
  }

  /** Allows problems that match, from now on. They need not occur: the test asserts what must happen. */
  allow(pattern: RegExp): void {
    this.allowed.push(pattern);
  }

  private report(text: string, url = ""): void {
    const problem = `${text} ${url}`.trim();
    if (!this.allowed.some((pattern) => pattern.test(problem))) this.problems.push(problem);
  }

  check(): void {
    expect(this.problems, "problems in the browser").toEqual([]);
  }
}

/** Waits until the page is hydrated: only scripts render the theme switch. */
export async function waitForHydration(page: Page): Promise<void> {
  await expect(page.locator('[role="group"][aria-label="Theme"]').first()).toBeAttached();
}
