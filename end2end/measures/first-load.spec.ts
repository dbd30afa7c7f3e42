/** By page, what a browser without a cache loads first, and how long that takes at full speed and on a slow phone. */
import type { BrowserContext, CDPSession, Page } from "@playwright/test";
import { waitForHydration } from "../support/monitor";
import { test } from "../support/test";
import { populate, type WorkspaceFixture } from "../support/workspace";

/** 1.6 Mbit/s down, 0.75 Mbit/s up, 150 ms for each round trip. */
const SLOW_4G = { offline: false, latency: 150, downloadThroughput: 1_638_400 / 8, uploadThroughput: 768_000 / 8 };
const SLOW_PROCESSOR = 4;
/** Of each figure the median of so many loads. */
const LOADS = 3;
/** Rows and log lines, as many as a page shows. */
const [RUNS, LINES] = [50, 200];

interface Load {
  requests: number;
  kilobytes: number;
  htmlKilobytes: number;
  /** When the largest content was painted, and when the page could be used, in ms. */
  paint: number;
  ready: number;
}

test("first loads", async ({ browser, person }) => {
  const fixture = await populate(person);
  for (let number = 0; number < RUNS; number++) await person.client.finish(await person.client.createRun({ flow: "Tides" }));
  for (let number = 0; number < LINES; number++) await person.client.log(fixture.done, `Line ${number} of the log: the water is coming`);
  const rows = [];
  for (const [name, path] of pages(fixture)) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    if (name !== "Sign in") await person.signInByRequest(context);
    const measure = (slow: boolean): Promise<Load> => median(() => load(context, person.provost.url + path, slow));
    const [fast, slow] = [await measure(false), await measure(true)];
    const figures = [fast.requests, fast.kilobytes, fast.htmlKilobytes, fast.paint, slow.paint, fast.ready, slow.ready];
    rows.push(`| ${[name, ...figures.map(String)].join(" | ")} |`);
    await context.close();
  }
  const head = "| page | requests | kB | of that HTML | largest paint, ms | slow | usable, ms | slow |\n|---|---|---|---|---|---|---|---|";
  console.log(`\n${head}\n${rows.join("\n")}`);
});

function pages({ person, done, failed, emptyPath }: WorkspaceFixture): [string, string][] {
  return [
    ["Sign in", "/sign-in"],
    ["Workspaces", "/"],
    [`Flow runs (${RUNS} rows)`, person.runsPath],
    ["Run, failed", person.runPath(failed)],
    [`Run, ${LINES} log lines`, person.runPath(done)],
    ["Run, task runs", `${person.runPath(done)}?tab=task-runs`],
    ["First run", `${emptyPath}/first-run`],
    ["Artifacts", `${person.workspacePath}/artifacts`],
    ["Variables", person.variablesPath],
    ["API keys", "/my/api-keys"],
    ["Workspace settings", `${person.workspacePath}/settings`],
    ["Help", "/help"],
  ];
}

async function load(context: BrowserContext, url: string, slow: boolean): Promise<Load> {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  if (slow) {
    await session.send("Network.emulateNetworkConditions", SLOW_4G);
    await session.send("Emulation.setCPUThrottlingRate", { rate: SLOW_PROCESSOR });
  }
  const received = observeBytes(session, url);
  await page.goto(url, { waitUntil: "commit" });
  // The pages around a sign-in have no theme switch, by which hydration is seen.
  await (url.endsWith("/sign-in") ? page.waitForLoadState("networkidle") : waitForHydration(page));
  const ready = Math.round(await page.evaluate(() => performance.now()));
  const paint = await largestPaint(page);
  await page.waitForLoadState("networkidle");
  const [requests, bytes, html] = received();
  await page.close();
  return { requests, kilobytes: Math.round(bytes / 1000), htmlKilobytes: Math.round(html / 1000), paint, ready };
}

/** Returns how many requests were made, how many bytes came, and how many of them were the document. */
function observeBytes(session: CDPSession, url: string): () => [number, number, number] {
  const documents = new Set<string>();
  let [requests, bytes, html] = [0, 0, 0];
  session.on("Network.responseReceived", ({ requestId, response }) => response.url === url && documents.add(requestId));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    requests += 1;
    bytes += encodedDataLength;
    if (documents.has(requestId)) html += encodedDataLength;
  });
  return () => [requests, bytes, html];
}

function largestPaint(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => resolve(Math.round(list.getEntries().at(-1)?.startTime ?? 0))).observe({
          type: "largest-contentful-paint",
          buffered: true,
        });
      }),
  );
}

/** By figure, the median of several loads. */
async function median(measure: () => Promise<Load>): Promise<Load> {
  const loads: Load[] = [];
  for (let number = 0; number < LOADS; number++) loads.push(await measure());
  const middle = (key: keyof Load): number => loads.map((load) => load[key]).sort((a, b) => a - b)[Math.floor(LOADS / 2)] ?? 0;
  return {
    requests: middle("requests"),
    kilobytes: middle("kilobytes"),
    htmlKilobytes: middle("htmlKilobytes"),
    paint: middle("paint"),
    ready: middle("ready"),
  };
}
