import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { compose, toListener } from "@aivillage/middleware";
import { childEnv, hasProgram, listen } from "@aivillage/testing";

import { securityHeaders, type SecurityHeadersOptions } from "../src/index.ts";

const needsBrowser = { skip: hasProgram("chromium") ? false : "chromium is not installed: no browser has read the headers" };

/** The page after its script, if any runs. */
const page = `<!doctype html><title>page</title><p id="said">no script has run</p>
<script>said.textContent = "script has run, camera " + (document.featurePolicy.allowsFeature("camera") ? "allowed" : "denied");</script>`;

/** What the page says in a real browser under these headers. */
async function saidUnder(options: SecurityHeadersOptions): Promise<string | undefined> {
  const respond = compose(securityHeaders(options), (_req, res) => res.setHeader("Content-Type", "text/html").end(page));
  await using app = await listen(toListener(respond));
  const folder = await mkdtemp(join(tmpdir(), "aivillage-browser-"));
  const quiet = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-first-run",
  ];
  const args = [...quiet, `--user-data-dir=${folder}/profile`, "--dump-dom", app.url];
  const { stdout } = await promisify(execFile)("chromium", args, { env: childEnv({ HOME: folder }) });
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  return /<p id="said">([^<]*)/.exec(stdout)?.[1];
}

test("a browser runs the script and allows the camera when nothing forbids it", needsBrowser, async () => {
  const said = await saidUnder({ contentSecurityPolicy: false, permissionsPolicy: false });
  assert.equal(said, "script has run, camera allowed");
});

test("a browser runs no script under scriptSrc 'none'", needsBrowser, async () => {
  const contentSecurityPolicy = { scriptSrc: ["'none'"] };
  assert.equal(await saidUnder({ preset: "web", contentSecurityPolicy }), "no script has run");
});

test("a browser denies the camera under an empty list, whatever else the policy names", needsBrowser, async () => {
  const permissionsPolicy = {
    camera: [],
    displayCapture: [],
    geolocation: ["self", "https://maps.example"],
    "ch-ua-mobile": ["*"],
  } as const;
  assert.equal(await saidUnder({ contentSecurityPolicy: false, permissionsPolicy }), "script has run, camera denied");
});
