/** Opens pages of the site in Chromium, and finds what readers would stumble over. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { AxeResults } from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Opens a page and collects what it says on the console and asks of other hosts. */
async function open(browser: Browser, url: string, options: BrowserContextOptions, problems: string[]): Promise<Page> {
  const page = await browser.newPage(options);
  const { origin, pathname } = new URL(url);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(`${pathname} says on the console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`${pathname} throws ${error.message}`));
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.origin !== origin && asked.protocol.startsWith("http")) problems.push(`${pathname} asks another host: ${asked.href}`);
  });
  await page.goto(url, { waitUntil: "networkidle" });
  return page;
}

async function checkAccessibility(page: Page, path: string, problems: string[]): Promise<void> {
  // VitePress names its switch when the page has become alive, which on a slow machine is later than the network is idle.
  await page.locator('.VPSwitchAppearance:not([title=""])').first().waitFor({ state: "attached" });
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  for (const { id, impact, nodes } of violations) {
    if (impact === "serious" || impact === "critical") problems.push(`${path}: axe finds ${id} (${impact}) at ${nodes[0]?.html}`);
  }
}

async function checkWidth(page: Page, path: string, problems: string[]): Promise<void> {
  await page.setViewportSize({ width: 320, height: 640 });
  const width = await page.evaluate<number>("document.documentElement.scrollWidth");
  if (width > 320) problems.push(`${path} is ${width} px wide on a screen of 320 px`);
}

/** Without scripts a page shows its text, and links to the others. */
async function checkWithoutScripts(browser: Browser, url: string, path: string, problems: string[]): Promise<void> {
  const page = await open(browser, url + path, { javaScriptEnabled: false }, problems);
  if (!(await page.locator("main h1").isVisible())) problems.push(`${path} shows no title without scripts`);
  if ((await page.locator("aside a:visible").count()) < 20) problems.push(`${path} shows no table of contents without scripts`);
  await page.close();
}

/** The search finds a word of a page, without asking another host. */
async function checkSearch(browser: Browser, url: string, problems: string[]): Promise<void> {
  const page = await open(browser, `${url}/`, {}, problems);
  await page.locator("#local-search button").first().click();
  await page.locator("#localsearch-input").fill("settleRateLimit");
  const result = page.locator("#localsearch-list a").first();
  await result.waitFor();
  const href = await result.getAttribute("href");
  if (href?.includes("/rate-limit/") !== true) problems.push(`the search for settleRateLimit leads to ${href}`);
  await page.close();
}

/** What newcomers look for, the links that lead there from the home page, and the heading that they find. */
const searches: readonly { readonly links: readonly string[]; readonly heading: string }[] = [
  { links: ["Guides", "Limits by plan"], heading: "What each line does" },
  { links: ["Troubleshooting"], heading: "Authentication fails (401 or 403)" },
  { links: ["Packages", "rate-limit"], heading: "Options" },
  { links: ["What the twin, the agent controller and the knowledge system must implement"], heading: "Twin: POST /v1/chat" },
];

/** Follows links in the text of pages, from the home page on. */
async function checkSearches(browser: Browser, url: string, problems: string[]): Promise<void> {
  for (const { links, heading } of searches) {
    const page = await open(browser, `${url}/`, {}, problems);
    for (const name of links) {
      const shown = page.url();
      await page.locator("main .vp-doc").getByRole("link", { name, exact: true }).first().click();
      await page.waitForURL((address) => address.href !== shown);
    }
    const found = page.locator("main").getByRole("heading", { name: heading });
    await found.waitFor().catch(() => problems.push(`the links ${links.join(" > ")} do not lead to "${heading}"`));
    await page.close();
  }
}

/** What is wrong with these pages, one line for each. */
export async function browserProblems(url: string, paths: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  const browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    for (const path of paths) {
      const page = await open(browser, url + path, {}, problems);
      await checkAccessibility(page, path, problems);
      await checkWidth(page, path, problems);
      await page.close();
      await checkWithoutScripts(browser, url, path, problems);
    }
    await checkSearch(browser, url, problems);
    await checkSearches(browser, url, problems);
  } finally {
    await browser.close();
  }
  return problems;
}
