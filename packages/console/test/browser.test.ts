// Needs its own process: it starts a browser, and listens to events that the whole process shares.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { toListener } from "@aivillage/middleware";
import { eventually, listen } from "@aivillage/testing";
import type Axe from "axe-core";
import type { Browser, Page } from "playwright-core";

import { liveConsole } from "../src/index.ts";
import { needsBrowser, openPage, startBrowser, uniqueText, untilLive } from "./browser-support.ts";
import { startDemo } from "./demo-app.ts";

let browser: Browser;

before(async () => {
  if (needsBrowser.skip === false) browser = await startBrowser();
});

after(async () => {
  if (needsBrowser.skip === false) await browser.close();
});

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

test("a request appears with its route, upstream and limit, and without an error on the page", needsBrowser, async () => {
  await using demo = await startDemo();
  const { page, errors } = await openPage(browser, demo.consoleUrl);
  await untilLive(page);
  await page.getByText("No requests in the last 15 minutes.").first().waitFor();
  assert.equal(await demo.send("/orders/1"), 200);

  await page.locator("#routes tbody tr", { hasText: "GET /orders/*" }).waitFor();
  await page.locator("#upstreams tbody tr", { hasText: "breaker closed" }).filter({ hasText: demo.backend.url }).waitFor();
  await page.locator("#limits tbody tr", { hasText: "clients" }).waitFor();
  assert.deepEqual(await visiblePanels(page), ["traffic", "routes", "upstreams", "limits", "processes"]);
  assert.deepEqual(errors, []);
  await page.close();
});

test("an app without any other package shows its process alone", needsBrowser, async (t) => {
  const live = liveConsole({ path: "/console" });
  t.after(() => live.close());
  await using app = await listen(toListener(live));
  const { page } = await openPage(browser, `${app.url}/console/#key=${live.key}`);
  await untilLive(page);
  await page.locator("#processes tbody tr").waitFor();
  assert.deepEqual(await visiblePanels(page), ["processes"]);
  await page.close();
});

test("the key leaves the address, and a page without one asks for it", needsBrowser, async () => {
  await using demo = await startDemo();
  const { page } = await openPage(browser, demo.consoleUrl);
  await untilLive(page);
  assert.equal(page.url(), `${demo.url}/console/`);
  await page.reload();
  await untilLive(page);
  await page.close();

  const { page: other } = await openPage(browser, `${demo.url}/console`);
  await other.locator("#state[data-state=locked]").waitFor();
  assert.deepEqual(await visiblePanels(other), []);
  await other.getByLabel("Key", { exact: true }).fill(demo.live.key ?? "");
  await other.getByRole("button", { name: "Open" }).click();
  await untilLive(other);
  await other.close();
});

test("refusals show reason, policy and request id, and can be filtered and copied", needsBrowser, async () => {
  await using demo = await startDemo({ limit: 1 });
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  await page.goto(demo.consoleUrl);
  await untilLive(page);
  const [first, second] = [uniqueText(), uniqueText()];
  for (const id of [uniqueText(), first, second]) await demo.send("/orders/1", { "x-id": id });

  const rows = page.locator("#refusals tbody tr");
  await rows.filter({ hasText: second }).waitFor();
  assert.equal(await rows.count(), 2);
  await page.getByLabel("Filter refusals").fill(first);
  await eventually(async () => (await rows.count()) === 1, "the filter leaves one row");
  const text = await rows.first().innerText();
  for (const part of ["429", "rate limit", "limit exceeded", "clients", "GET /orders/1", first]) assert.ok(text.includes(part), text);
  await page.getByText("1 of 2").waitFor();
  await page.getByRole("button", { name: `Copy request id ${first}` }).click();
  await page
    .getByRole("button", { name: `Copy request id ${first}` })
    .getByText("Copied")
    .waitFor();
  assert.equal(await page.evaluate("navigator.clipboard.readText()"), first);
  await page.getByLabel("Filter refusals").fill("no such text");
  await page.getByText("No refusal matches the filter.").waitFor();
  await context.close();
});

test("a request that its upstream fails says which and how, without columns that no row fills", needsBrowser, async () => {
  await using demo = await startDemo();
  demo.backend.script = { reset: "before-head" };
  const { page } = await openPage(browser, demo.consoleUrl);
  await untilLive(page);
  assert.equal(await demo.send("/orders/1"), 502);
  const row = page.locator("#refusals tbody tr");
  await row.filter({ hasText: "backend: connection broken" }).waitFor();
  assert.deepEqual(await page.locator("#refusals th[scope=col]:visible").allInnerTexts(), [
    "Time",
    "Status",
    "By",
    "Reason",
    "Request",
    "Client",
  ]);
  assert.match(await row.innerText(), /502\s+.*upstream.*127\.0\.0\.1/s);
  await page.close();
});

test("a penalty is cleared from the page", needsBrowser, async () => {
  await using demo = await startDemo();
  demo.limiter.penalize("mallory", 5, "guessing");
  const { page } = await openPage(browser, demo.consoleUrl);
  const row = page.locator("#penalties tbody tr", { hasText: "mallory" });
  await row.filter({ hasText: "guessing" }).waitFor();
  await page.getByRole("button", { name: "Clear the penalty of mallory" }).click();
  await page.getByText("No client is under penalty.").waitFor();
  assert.deepEqual(demo.limiter.penalties(), []);
  await page.close();
});

test("the page says since when it is stale, and reconnects by itself", needsBrowser, async (t) => {
  let live = liveConsole({ path: "/console", key: "a key of this test" });
  t.after(() => live.close());
  await using app = await listen(toListener((req, res, next) => live(req, res, next)));
  const { page } = await openPage(browser, `${app.url}/console/#key=${encodeURIComponent("a key of this test")}`);
  await untilLive(page);
  // Ended as by a restart of the app: the new console knows nothing of the old one.
  await page.route("**/stream", (route) => route.abort());
  live.close();
  await page.locator("#state", { hasText: /Stale since \d\d:\d\d:\d\d, reconnecting/ }).waitFor();
  live = liveConsole({ path: "/console", key: "a key of this test" });
  await page.unroute("**/stream");
  await untilLive(page);
  await page.close();
});

test("hostile texts in paths, user agents and names are shown as texts", needsBrowser, async () => {
  const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
  await using demo = await startDemo({ limit: 1, title: `${hostile}"'&amp;{nonce}`, facts: () => ({ [hostile]: hostile }) });
  const headers = { "user-agent": hostile, "x-id": hostile, "x-client": hostile };
  for (let sent = 0; sent < 2; sent += 1) await demo.send(`/${encodeURIComponent(hostile)}/"><svg/onload=alert(1)>?token=secret`, headers);
  demo.limiter.penalize(hostile, 5, hostile);
  const { page, errors } = await openPage(browser, demo.consoleUrl);
  const row = page.locator("#refusals tbody tr");
  await row.waitFor();
  await page.locator("#penalties tbody tr").waitFor();
  const text = await row.innerText();
  assert.ok(text.includes(hostile), text);
  assert.ok(!text.includes("secret"), text);
  assert.equal(await page.locator("main img, main script, main svg, header img, header script").count(), 0);
  assert.ok((await page.title()).startsWith("<img"), await page.title());
  assert.deepEqual(errors, []);
  await page.close();
});

const sizes = [
  { name: "phone", width: 360, height: 740 },
  { name: "laptop", width: 1_280, height: 800 },
  { name: "wide screen", width: 1_920, height: 1_080 },
];

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe has no serious finding in the ${colorScheme} scheme, and nothing is wider than the page`, needsBrowser, async () => {
    await using demo = await startDemo({ limit: 3 });
    demo.limiter.penalize("mallory", 5, "guessing");
    for (let sent = 0; sent < 6; sent += 1) await demo.send("/orders/1", { "x-id": `a-rather-long-request-id-${sent}` });
    const { page } = await openPage(browser, demo.consoleUrl, { colorScheme, bypassCSP: true });
    await page.locator("#refusals tbody tr").first().waitFor();
    await page.addScriptTag({ path: axe });
    for (const { name, width, height } of sizes) {
      await page.setViewportSize({ width, height });
      const found = await page.evaluate(async () => {
        const { violations } = await (globalThis as unknown as { axe: typeof Axe }).axe.run();
        return violations
          .filter(({ impact }) => impact === "serious" || impact === "critical")
          .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
      });
      assert.deepEqual(found, [], name);
      const scrollWidth = await page.evaluate<number>("document.documentElement.scrollWidth");
      assert.ok(scrollWidth <= width, `${name}: ${scrollWidth} is wider than ${width}`);
    }
    await page.close();
  });
}

test("everything can be reached with the keyboard, and the focus is visible", needsBrowser, async () => {
  await using demo = await startDemo({ limit: 1 });
  for (const id of ["one", "two"]) await demo.send("/orders/1", { "x-id": id });
  const { page } = await openPage(browser, demo.consoleUrl);
  await page.locator("#refusals tbody tr").waitFor();
  const reached = new Set<string>();
  for (let pressed = 0; pressed < 30; pressed += 1) {
    await page.keyboard.press("Tab");
    const focused = page.locator(":focus");
    if ((await focused.count()) === 0) continue;
    const name = (await focused.getAttribute("aria-label")) ?? (await focused.getAttribute("id")) ?? "";
    const outline = await page.evaluate<string>("getComputedStyle(document.activeElement).outlineStyle");
    if (name !== "" && outline !== "none") reached.add(name);
  }
  for (const name of ["filter", "Copy request id two", "Refusals"]) assert.ok(reached.has(name), [...reached].join(", "));
  await page.close();
});

/** The ids of the panels that are shown, in their order. */
async function visiblePanels(page: Page): Promise<string[]> {
  return await page.locator("main > section:visible").evaluateAll((sections) => sections.map(({ id }) => id));
}
