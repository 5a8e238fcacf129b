import assert from "node:assert/strict";
import { test } from "node:test";

import { downstreamProxy, type DownstreamProxyOptions } from "../src/index.ts";

const url = "http://127.0.0.1:1";
const refused = (options: unknown, message: RegExp): void => {
  assert.throws(() => downstreamProxy(options as DownstreamProxyOptions), { name: "TypeError", message });
};

test("an unknown option is named together with the known ones, at every depth", () => {
  refused({ target: url, timeoutMs: 1 }, /^@aivillage\/downstream-proxy: unknown option `timeoutMs`; known options: target, targets, /);
  refused(
    { targets: [{ name: "a", url, uri: url }] },
    /unknown option `targets\[0\]\.uri` \(did you mean `url`\?\); known options: name, url, path/,
  );
  refused({ target: url, breaker: { max: 1 } }, /unknown option `breaker\.max`; known options: openMs, maxOpenMs/);
});

test("one of target and targets is required, and only one", () => {
  refused(undefined, /option `targets` must be a non-empty array of targets \(or give `target`\), got undefined/);
  refused({}, /option `targets` must be/);
  refused({ target: url, targets: [{ name: "a", url }] }, /`target` and `targets` exclude each other/);
  refused({ targets: [] }, /option `targets` must be a non-empty array of targets, got \[\]/);
});

test("a bad target is named by its place", () => {
  refused({ target: "twin:8001" }, /option `target` must be an http: or https: URL/);
  refused({ target: 1 }, /option `target` must be an http: or https: URL, got 1/);
  refused({ targets: [null] }, /option `targets\[0\]` must be an object/);
  refused(
    {
      targets: [
        { name: "a", url },
        { name: "", url },
      ],
    },
    /option `targets\[1\]\.name` must be 1 to 64 letters/,
  );
  refused(
    {
      targets: [
        { name: "a", url },
        { name: "a", url },
      ],
    },
    /option `targets\[1\]\.name` must be different/,
  );
  refused({ targets: [{ name: "a" }] }, /option `targets\[0\]\.url` must be an http: or https: URL/);
  refused({ targets: [{ name: "a", url: [] }] }, /option `targets\[0\]\.url` must be a URL or a non-empty array/);
  refused({ targets: [{ name: "a", url: [url, "ftp://a"] }] }, /option `targets\[0\]\.url\[1\]` must be an http: or https: URL/);
  refused({ target: `${url}/?a=1` }, /option `target`/);
  refused({ target: `${url}/#a` }, /option `target`/);
  for (const path of ["query", "//query", "/a b", "/a#b", "/a\r\n", ""]) {
    refused({ targets: [{ name: "a", url, path }] }, /option `targets\[0\]\.path` must be a path that begins with one slash/);
  }
});

test("credentials in a URL are refused without showing them", () => {
  assert.throws(
    () => downstreamProxy({ target: "http://user:hunter2@host" }),
    (error: Error) => /without credentials/.test(error.message) && !/hunter2|user:/.test(error.message),
  );
});

test("numbers must be in range", () => {
  const atLeastOne = [
    "connections",
    "connectTimeoutMs",
    "headersTimeoutMs",
    "idleTimeoutMs",
    "stallTimeoutMs",
    "mergeJsonBytes",
    "retryAfterMs",
    "upgradeIdleTimeoutMs",
  ];
  for (const name of atLeastOne) refused({ target: url, [name]: 0 }, new RegExp(`option \`${name}\` must be an integer`));
  for (const name of [
    "maxQueued",
    "maxConcurrentPerClient",
    "totalTimeoutMs",
    "responseTimeoutMs",
    "maxStreamMs",
    "replayBodyBytes",
    "heartbeatMs",
  ]) {
    refused({ target: url, [name]: -1 }, new RegExp(`option \`${name}\` must be an integer`));
  }
  refused({ target: url, idleTimeoutMs: 3_000_000_000 }, /option `idleTimeoutMs` must be an integer from 1 to 2147483647/);
  refused({ target: url, connections: "8" }, /option `connections` must be an integer, at least 1, got '8'/);
  refused({ target: url, breaker: { maxOpenMs: 0 } }, /option `breaker\.maxOpenMs` must be an integer from 1 to 2147483647, got 0/);
  refused({ target: url, breaker: { openMs: 1.5 } }, /option `breaker\.openMs` must be an integer from 1 to 2147483647, got 1\.5/);
});

test("what counts as a failure, and how many are too many, must be in range", () => {
  refused(
    { target: url, failureWindow: { size: 1 } },
    /unknown option `failureWindow\.size`; known options: windowMs, minRequests, minClients, share/,
  );
  refused({ target: url, failureWindow: false }, /option `failureWindow` must be an object, got false/);
  refused({ target: url, failureWindow: { windowMs: 99 } }, /option `failureWindow\.windowMs` must be an integer from 100/);
  for (const name of ["minRequests", "minClients"]) {
    refused(
      { target: url, failureWindow: { [name]: 0 } },
      new RegExp(`option \`failureWindow\\.${name}\` must be an integer, at least 1, got 0`),
    );
  }
  for (const share of [0, 1.1, "0.5", Number.NaN]) {
    refused({ target: url, failureWindow: { share } }, /option `failureWindow\.share` must be a number above 0, up to 1/);
  }
  for (const failureStatuses of [[399], [600], ["500"], 500]) {
    refused({ target: url, failureStatuses }, /option `failureStatuses` must be an array of statuses from 400 to 599/);
  }
});

test("the options of retries and ejection must be in range", () => {
  refused({ target: url, retries: { attempts: 0 } }, /option `retries\.attempts` must be an integer from 1 to 10, got 0/);
  refused({ target: url, retries: { baseDelayMs: 0 } }, /option `retries\.baseDelayMs` must be an integer from 1/);
  refused({ target: url, retries: { maxDelayMs: 3e9 } }, /option `retries\.maxDelayMs` must be an integer from 1/);
  refused({ target: url, retries: { budget: 1.1 } }, /option `retries\.budget` must be a number from 0 to 1, got 1\.1/);
  refused({ target: url, retries: { budget: Number.NaN } }, /option `retries\.budget`/);
  for (const retryOn of [[428], [600], ["503"], 503]) {
    refused({ target: url, retries: { retryOn } }, /option `retries\.retryOn` must be an array of statuses from 500 to 599, or 429/);
  }
  for (const methods of ["POST", ["post"], [1]]) {
    refused({ target: url, retries: { methods } }, /option `retries\.methods` must be an array of methods in capital letters/);
  }
  refused({ target: url, failOverStatuses: [399] }, /option `failOverStatuses` must be an array of statuses from 400 to 599/);
  refused({ target: url, filter: true }, /option `filter` must be a function/);
  for (const name of ["connectFailures", "baseMs", "maxMs"]) {
    refused({ target: url, ejection: { [name]: 0 } }, new RegExp(`option \`ejection\\.${name}\` must be an integer`));
  }
  for (const name of ["retries", "ejection"]) {
    refused({ target: url, [name]: true }, new RegExp(`option \`${name}\` must be false or an object, got true`));
    refused({ target: url, [name]: null }, new RegExp(`option \`${name}\` must be false or an object, got null`));
  }
});

test("functions, flags and names must be what they are said to be", () => {
  for (const name of ["body", "headers", "isFromTrustedProxy", "clientIp", "client", "mergeJson"]) {
    refused({ target: url, [name]: {} }, new RegExp(`option \`${name}\` must be a function`));
  }
  for (const name of ["forwardAuthorization", "forwardCookies", "serverTiming"])
    refused({ target: url, [name]: 1 }, /must be true or false, got 1/);
  refused({ target: url, breaker: true }, /option `breaker` must be false or an object, got true/);
  refused({ target: url, viaName: "a b" }, /option `viaName` must be a token/);
  refused({ target: url, upgrades: "websocket" }, /option `upgrades` must be an array of protocol names/);
  refused({ target: url, upgrades: ["web socket"] }, /option `upgrades` must be an array of protocol names/);
  refused({ target: url, fallbackOn: ["4xx"] }, /option `fallbackOn` must be an array of "connect_error"/);
  refused({ target: url, fallbackOn: "reset" }, /option `fallbackOn` must be/);
});

test("an option of http-proxy-middleware is refused with what to write instead", () => {
  const hint = (name: string, what: string) => new RegExp(`unknown option \`${name}\` \\(an option of http-proxy-middleware; here ${what}`);
  refused({ target: url, changeOrigin: true }, hint("changeOrigin", "`Host` is always the target's"));
  refused({ target: url, pathRewrite: { "^/api": "" } }, hint("pathRewrite", "it is `path: \\(req\\) =>"));
  refused({ target: url, ws: true }, hint("ws", 'it is `server.on\\("upgrade", upgradeListener'));
  refused({ target: url, router: {} }, hint("router", "make a proxy for each target"));
  refused({ target: url, on: {} }, hint("on", "`headers`, `path` and `body`"));
  refused({ target: url, conections: 5 }, /unknown option `conections` \(did you mean `connections`\?\)/);
});

test("good options make a named handler that can be closed", async () => {
  const handler = downstreamProxy({
    targets: [
      { name: "agent_controller", url: ["http://a:8002", "https://b/base"], path: "/query?v=1" },
      { name: "knowledge_system", url: "http://[::1]:8003" },
    ],
    breaker: { openMs: 1 },
    failureStatuses: [500],
    failureWindow: { windowMs: 1_000, minRequests: 1, minClients: 1, share: 1 },
    fallbackOn: [],
    maxQueued: 0,
    ejection: { connectFailures: 1, baseMs: 1, maxMs: 1 },
    retries: { attempts: 3, baseDelayMs: 1, maxDelayMs: 1, retryOn: [500], budget: 0 },
    upgrades: ["WebSocket", "mqtt"],
  });
  assert.equal(handler.name, "downstreamProxyHandler");
  await handler.close();
});
