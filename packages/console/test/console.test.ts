// Needs its own process: it listens to events that the whole process shares.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { event, HttpProblem, OptionError, toListener } from "@aivillage/middleware";
import { eventually, forEachHost, listen, readFromRoot } from "@aivillage/testing";
import compression from "compression";
import express from "express";

import { channels } from "../src/activity/channels.ts";
import { processName } from "../src/activity/report.ts";
import { shortenAddress } from "../src/activity/shorten-address.ts";
import { readAssets, readPage } from "../src/assets.ts";
import {
  type ActivityReport,
  collectActivity,
  type ConsoleActionTaken,
  consoleActionTaken,
  liveConsole,
  type ActivityRequest,
} from "../src/index.ts";
import { startDemo } from "./demo-app.ts";
import { openStream } from "./open-stream.ts";

const bearer = (key: string | undefined) => ({ authorization: `Bearer ${key}` });

/** An app that refuses each request that is not for the console. */
const refusing = (live: ReturnType<typeof liveConsole>) => {
  const problemSent = event<object>("aivillage:problem-details:sent");
  return toListener((req, res, next) => {
    if (req.url?.startsWith("/console") === true) return live(req, res, next);
    problemSent.publish({ req, problem: new HttpProblem({ status: 400 }), error: undefined });
    res.end();
  });
};

test("the page and its files hold no data and need no key, the stream does", async () => {
  await using demo = await startDemo();
  const page = await fetch(`${demo.url}/console/`);
  assert.equal(page.status, 200);
  const policy = page.headers.get("content-security-policy") ?? "";
  const [, nonce = ""] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
  const html = await page.text();
  assert.ok(html.includes(`nonce="${nonce}"`), policy);
  assert.match(policy, /default-src 'none'.*require-trusted-types-for 'script'/);
  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = ""]) => file);
  assert.ok(files.includes("console.js"));
  for (const file of files) assert.equal((await fetch(`${demo.url}/console/${file}`)).status, 200, file);

  const refused = await fetch(`${demo.url}/console/stream`);
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get("www-authenticate"), "Bearer");
  assert.equal((await fetch(`${demo.url}/console/stream`, { headers: bearer("another key, as long as a key") })).status, 401);
});

test("a second page of the same app has another nonce", async () => {
  await using demo = await startDemo();
  const policies = await Promise.all([1, 2].map(async () => (await fetch(`${demo.url}/console/`)).headers.get("content-security-policy")));
  assert.notEqual(policies[0], policies[1]);
});

test("files are sent once and then confirmed", async () => {
  await using demo = await startDemo();
  const first = await fetch(`${demo.url}/console/uplot.js`);
  const headers = { "if-none-match": first.headers.get("etag") ?? "" };
  assert.equal((await fetch(`${demo.url}/console/uplot.js`, { headers })).status, 304);
});

test("page and files together are below 150 KiB when compressed", () => {
  const contents = [readPage(), ...Array.from(readAssets().values(), ({ content }) => content)];
  const bytes = contents.reduce((sum, content) => sum + gzipSync(content).length, 0);
  assert.ok(bytes < 150 * 1_024, `${bytes} bytes`);
});

test("each panel links to a page of the docs, and to a heading that it has", () => {
  const scripts = Array.from(readAssets().entries(), ([name, { content }]) => (name.startsWith("uplot") ? "" : content.toString()));
  const links = [...scripts.join("\n").matchAll(/doc: "([^"]+)"/g)].map(([, link = ""]) => link);
  assert.ok(links.length >= 12, links.join(" "));
  for (const link of links) {
    const [page = "", anchor] = link.split("#");
    const headings = [...readFromRoot(`docs/${page}`).matchAll(/^#+ (.+)$/gm)].map(([, text = ""]) =>
      text.toLowerCase().replaceAll(" ", "-"),
    );
    if (anchor !== undefined) assert.ok(headings.includes(anchor), link);
  }
});

test("each channel that it listens to is one of the documented events", () => {
  const documented = readFromRoot("docs/events.md");
  assert.deepEqual(
    Object.values(channels).flatMap(({ name }) => (documented.includes(`\`${name}\``) ? [] : name)),
    [],
  );
});

test("addresses are shortened to their networks, and other texts are left as they are", () => {
  const shortened = {
    "192.0.2.77": "192.0.2.0/24",
    "::ffff:192.0.2.77": "192.0.2.0/24",
    "2001:db8:1:2345::7": "2001:db8:1::/48",
    "2001:db8:1:2300::/56": "2001:db8:1::/48",
    "::1": "::/48",
    "key:ada 192.0.2.77": "key:ada 192.0.2.0/24",
    unknown: "unknown",
  };
  for (const [text, expected] of Object.entries(shortened)) assert.equal(shortenAddress(text), expected);
});

test("the stream of a page of another origin is refused, with the key too", async () => {
  await using demo = await startDemo();
  for (const headers of [{ "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }, { origin: "https://evil.example" }]) {
    const response = await fetch(`${demo.url}/console/stream`, { headers: { ...bearer(demo.live.key), ...headers } });
    assert.equal(response.status, 403, JSON.stringify(headers));
  }
});

test("a penalty is cleared with key and token alone, and each attempt is reported", async (t) => {
  await using demo = await startDemo();
  const taken: string[] = [];
  t.after(consoleActionTaken.subscribe(({ action, subject, result }: ConsoleActionTaken) => taken.push(`${action} ${subject} ${result}`)));
  demo.limiter.penalize("mallory", 5);
  const [penalty] = demo.limiter.penalties();
  await using stream = await openStream(`${demo.url}/console/stream`, bearer(demo.live.key));
  const { token } = await stream.next<{ token: string }>("hello");
  const url = `${demo.url}/console/penalties/${penalty?.client}/clear`;
  const post = async (headers: Record<string, string>): Promise<number> => (await fetch(url, { method: "POST", headers })).status;

  assert.equal(await post({ "x-console-token": token }), 401);
  assert.equal(await post(bearer(demo.live.key)), 403);
  assert.equal(await post({ ...bearer(demo.live.key), "x-console-token": "x".repeat(token.length) }), 403);
  assert.equal(await post({ ...bearer(demo.live.key), "x-console-token": token, "sec-fetch-site": "same-site" }), 403);
  assert.equal(demo.limiter.penalties().length, 1);
  assert.equal(await post({ ...bearer(demo.live.key), "x-console-token": token }), 204);
  assert.deepEqual(demo.limiter.penalties(), []);
  assert.equal(await post({ ...bearer(demo.live.key), "x-console-token": token }), 404);
  const results = ["refused", "refused", "refused", "refused", "done", "none"];
  assert.deepEqual(
    taken,
    results.map((result) => `clear-penalty ${penalty?.client} ${result}`),
  );
});

test("those who may only read see the data and clear nothing", async (t) => {
  const keeper = { penalties: () => [], clear: () => assert.fail("cleared") };
  const live = liveConsole({ path: "/console", access: () => "read", limiter: keeper });
  t.after(() => live.close());
  await using app = await listen(toListener(live));
  await using stream = await openStream(`${app.url}/console/stream`);
  const { token } = await stream.next<{ token: string }>("hello");
  const response = await fetch(`${app.url}/console/penalties/abc/clear`, { method: "POST", headers: { "x-console-token": token } });
  assert.equal(response.status, 403);
  assert.equal(live.key, undefined);
});

test("the history before a viewer came is there, and refusals of requests that a limit refused", async () => {
  await using demo = await startDemo({ limit: 1, anonymise: true });
  await demo.send("/orders/1");
  await demo.send("/orders/1", { "x-id": "refused", "user-agent": "tester" });
  await using stream = await openStream(`${demo.url}/console/stream`, bearer(demo.live.key));
  const [{ at, id, number: _number, ...refusal } = {}] = await stream.refusals<Record<string, unknown>>();
  assert.ok(Number(at) > 0 && id !== undefined);
  assert.deepEqual(refusal, {
    by: "rate limit",
    reason: "limit exceeded",
    policy: "clients",
    status: 429,
    requestId: "refused",
    method: "GET",
    path: "/orders/1",
    client: "127.0.0.0/24",
    userAgent: "tester",
  });
  await eventually(async () => (await stream.next<{ routes: { requests: number }[] }>("frame")).routes[0]?.requests === 2, "both requests");
});

test("viewers beyond the limit are refused, and close() ends the streams of the others", async () => {
  await using demo = await startDemo({ maxViewers: 1 });
  await using stream = await openStream(`${demo.url}/console/stream`, bearer(demo.live.key));
  await stream.next("hello");
  assert.equal((await fetch(`${demo.url}/console/stream`, { headers: bearer(demo.live.key) })).status, 503);
  demo.live.close();
  await stream.closed;
});

test("events come at once behind compression()", async (t) => {
  const live = liveConsole({ access: () => "read" });
  t.after(() => live.close());
  const app = express()
    .use(compression({ threshold: 0 }))
    .use("/console", live);
  await using server = await listen(toListener((req, res) => app(req, res)));
  await using stream = await openStream(`${server.url}/console/stream`, { "accept-encoding": "gzip, br" });
  await stream.next("hello");
  await stream.next("frame");
});

const sourcesThatFail = {
  fails: () => Promise.reject(new Error("down")),
  "never responds": () => new Promise<never>(() => undefined),
};
for (const [what, fails] of Object.entries(sourcesThatFail)) {
  test(`a source that ${what} is named on the page and costs no other`, async (t) => {
    const failing = { registry: { getMetricsAsJSON: fails }, activity: fails };
    const live = liveConsole({ ...failing, access: () => "read", path: "/console", facts: () => ({ version: "1" }) });
    t.after(() => live.close());
    await using app = await listen(toListener(live));
    await using stream = await openStream(`${app.url}/console/stream`);
    const { problems, facts } = await stream.next<{ problems: string[]; facts: object }>("frame");
    const named = ["Activity", "Metrics"].map((source) => `${source} cannot be read at the moment.`);
    assert.deepEqual(problems.toSorted(), named);
    assert.deepEqual(facts, { version: "1" });
  });
}

test("an option that is unknown or bad is an OptionError", () => {
  const bad: readonly object[] = [
    { registri: {} },
    { key: "short" },
    { path: "console" },
    { docsUrl: "javascript:alert(1)/" },
    { maxViewers: 0 },
  ];
  for (const options of bad) assert.throws(() => liveConsole(options), OptionError, JSON.stringify(options));
  assert.throws(() => liveConsole({ access: () => "read", key: "a key of sixteen" }), OptionError);
});

test("requests of another app in the process are left out", async (t) => {
  const live = liveConsole({ path: "/console", access: () => "read", owns: ({ headers }) => headers["x-app"] === "own" });
  t.after(() => live.close());
  await using app = await listen(refusing(live));
  for (const name of ["other", "own"]) await fetch(`${app.url}/${name}`, { headers: { "x-app": name } });
  await using stream = await openStream(`${app.url}/console/stream`);
  const refusals = await stream.refusals<{ path: string }>();
  assert.deepEqual(
    refusals.map(({ path }) => path),
    ["/own"],
  );
});

test("a refusal of bad input says what it failed of, without the names that clients choose", async (t) => {
  const problemSent = event<object>("aivillage:problem-details:sent");
  const live = liveConsole({ path: "/console", access: () => "read" });
  t.after(() => live.close());
  const errors = [{ detail: "is required", pointer: "#/query" }, { detail: 'unknown property "<b>"' }, { detail: "is required" }];
  await using app = await listen(
    toListener((req, res, next) => {
      if (req.url?.startsWith("/console") === true) return live(req, res, next);
      const problem = new HttpProblem({ status: 422, type: "invalid-input", title: "Invalid input", extensions: { errors } });
      problemSent.publish({ req, problem, error: problem });
      res.end();
    }),
  );
  await fetch(`${app.url}/v1/query`, { method: "POST" });
  await using stream = await openStream(`${app.url}/console/stream`);
  const refusals = await stream.refusals<{ by: string; reason: string; problem: string }>();
  assert.deepEqual(
    refusals.map(({ by, reason, problem }) => [by, reason, problem]),
    [["request", "is required; unknown property", "invalid-input"]],
  );
});

test("a refusal is shown that is read while the first viewer comes", async (t) => {
  const activity = collectActivity();
  const isOpen = Promise.withResolvers<void>();
  const read = async (request: ActivityRequest): Promise<ActivityReport[]> => {
    await isOpen.promise;
    return [await activity.report(request)];
  };
  const live = liveConsole({ path: "/console", access: () => "read", activity: read });
  t.after(() => {
    live.close();
    activity.close();
  });
  await using app = await listen(refusing(live));
  await fetch(app.url);
  await using stream = await openStream(`${app.url}/console/stream`);
  isOpen.resolve();
  assert.equal((await stream.refusals()).length, 1);
});

test("a refusal is reported that comes while the upstreams say how they are", async (t) => {
  const said = Promise.withResolvers<[]>();
  const activity = collectActivity({ upstreams: () => said.promise });
  const live = liveConsole({ path: "/console", access: () => "read", activity: () => Promise.resolve([]) });
  t.after(() => {
    live.close();
    activity.close();
  });
  await using app = await listen(refusing(live));
  const report = activity.report();
  await fetch(app.url);
  said.resolve([]);
  const { process, seen, refusals } = await report;
  const next = await activity.report({ isLive: false, seen: { [processName(process)]: seen } });
  assert.equal(refusals.length + next.refusals.length, 1);
});

forEachHost((host) => {
  test("serves the console at its path and hands other requests on", async (t) => {
    const live = liveConsole({ path: "/console", access: () => "read" });
    t.after(() => live.close());
    await using app = await host.serve([live, (_req, res) => void res.end("the app")]);
    const redirected = await fetch(`${app.url}/console`, { redirect: "manual" });
    assert.equal(redirected.status, 308);
    assert.equal(redirected.headers.get("location"), "./console/");
    assert.match(await (await fetch(`${app.url}/console`)).text(), /<title>Console<\/title>/);
    await using stream = await openStream(`${app.url}/console/stream`);
    await stream.next("frame");
    for (const path of ["/", "/consoles", "/console/none.js", "/console/../package.json"]) {
      assert.equal(await (await fetch(app.url + path)).text(), "the app", path);
    }
  });
});
