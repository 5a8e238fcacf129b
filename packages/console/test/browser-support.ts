import { randomUUID } from "node:crypto";

import { hangAfterMs, hasProgram } from "@aivillage/testing";
import { type Browser, chromium, type Page } from "playwright-core";

/** Options of tests that need a real browser. */
export const needsBrowser = { skip: hasProgram("chromium") ? false : "chromium is not installed: no browser has shown the console" };

/** Chromium as Debian has it. `await using` ends it. */
export async function startBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
    timeout: hangAfterMs,
  });
}

/** A page of its own, and what went wrong on it. */
export interface WatchedPage {
  readonly page: Page;
  readonly errors: string[];
}

/** Opens a page whose errors are kept: refused scripts and styles are reported on its console. */
export async function openPage(browser: Browser, url: string, options: Parameters<Browser["newPage"]>[0] = {}): Promise<WatchedPage> {
  const page = await browser.newPage({ viewport: { width: 1_440, height: 900 }, ...options });
  page.setDefaultTimeout(hangAfterMs);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto(url);
  return { page, errors };
}

/** Waits until the console shows live data. */
export async function untilLive(page: Page): Promise<void> {
  await page.locator("#state[data-state=live]").waitFor();
}

/** A text that no other part of a page has. */
export function uniqueText(): string {
  return `t${randomUUID().slice(0, 8)}`;
}
