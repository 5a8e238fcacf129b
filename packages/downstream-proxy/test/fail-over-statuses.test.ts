import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { test, type TestContext } from "node:test";

import { eventually, listen } from "@aivillage/testing";

import { downstreamAttempted, type DownstreamProxyOptions } from "../src/index.ts";
import { type ClientResponse, collect, send, serveProxy } from "./support.ts";

interface Declining {
  readonly url: string;
  /** How many requests have come. */
  count(): number;
}

/** A target that declines its first requests, then responds with the body of the request. */
async function declining(t: TestContext, status: number, times = Infinity, headers: Record<string, string> = {}): Promise<Declining> {
  let count = 0;
  const respond: RequestListener = (req, res) => {
    count += 1;
    if (count <= times) return void res.writeHead(status, headers).end(`declined ${status}`);
    req.pipe(res);
  };
  const server = await listen(respond);
  t.after(() => server[Symbol.asyncDispose]());
  return { url: server.url, count: () => count };
}

async function ask(options: DownstreamProxyOptions, times = 1, body = "question"): Promise<ClientResponse[]> {
  await using app = await serveProxy(options);
  const responses: ClientResponse[] = [];
  for (let index = 0; index < times; index += 1) responses.push(await send(app.url, { method: "POST" }, body));
  return responses;
}

const two = (first: Declining, second: Declining) => [
  { name: "first", url: first.url },
  { name: "second", url: second.url },
];

test("a POST that a target declines with a listed status is sent to the next target, with its body", async (t) => {
  using attempts = collect(downstreamAttempted);
  for (const status of [429, 503, 529]) {
    const [first, second] = [await declining(t, status), await declining(t, 500, 0)];
    const [response] = await ask({ targets: two(first, second), failOverStatuses: [429, 503, 529], retries: false });
    assert.deepEqual([response?.status, response?.body, first.count(), second.count()], [200, "question", 1, 1]);
  }
  await eventually(() => attempts.length === 6, "all attempts are over");
  assert.deepEqual(
    attempts.slice(0, 2).map(({ outcome }) => outcome),
    ["client_error", "success"],
  );
});

test("statuses that are not listed pass, and a listed one that is no failure of `fallbackOn` still leads on", async (t) => {
  const [first, second] = [await declining(t, 429), await declining(t, 500, 0)];
  const [passed] = await ask({ targets: two(first, second) });
  assert.deepEqual([passed?.status, passed?.body], [429, "declined 429"]);
  const [moved] = await ask({ targets: two(first, second), fallbackOn: ["connect_error"], failOverStatuses: [429] });
  assert.equal(moved?.status, 200);
});

test("when all decline the client gets the last response, with its Retry-After", async (t) => {
  const [first, second] = [
    await declining(t, 429, Infinity, { "Retry-After": "9" }),
    await declining(t, 503, Infinity, { "Retry-After": "7" }),
  ];
  const [response] = await ask({ targets: two(first, second), failOverStatuses: [429, 503] });
  assert.deepEqual([response?.status, response?.body, response?.headers["retry-after"]], [503, "declined 503", "7"]);
});

test("another replica is asked within the retry budget, and the same one never", async (t) => {
  const [first, second] = [await declining(t, 429), await declining(t, 429)];
  const url = [first.url, second.url];
  const options = { targets: [{ name: "models", url }], failOverStatuses: [429] };
  assert.deepEqual(
    (await ask(options)).map(({ status }) => status),
    [429],
  );
  assert.deepEqual([first.count(), second.count()], [1, 1]);
  await ask({ ...options, retries: { budget: 0 } }, 20);
  // Ten retries are free, and with a budget of 0 no more are earned.
  assert.equal(first.count() + second.count(), 2 + 20 + 10);
  await ask({ ...options, retries: false }, 1);
  assert.equal(first.count() + second.count(), 33);
});

test("a body that is too large to be kept is not sent again", async (t) => {
  const [first, second] = [await declining(t, 429), await declining(t, 500, 0)];
  const [response] = await ask({ targets: two(first, second), failOverStatuses: [429], replayBodyBytes: 4 });
  assert.deepEqual([response?.status, second.count()], [429, 0]);
});

test("`retries` can send a POST to the same target again after its Retry-After, and before the fallback", async (t) => {
  const retries = { methods: ["POST"], retryOn: [429, 500], beforeFallback: true };
  const [once, spare] = [await declining(t, 429, 1, { "Retry-After": "1" }), await declining(t, 500, 0)];
  const startedAt = performance.now();
  const [response] = await ask({ targets: two(once, spare), failOverStatuses: [429], retries });
  assert.deepEqual([response?.status, once.count(), spare.count()], [200, 2, 0]);
  assert.ok(performance.now() - startedAt >= 1_000, "it was sent again before the target wanted it");
  const down = await declining(t, 500);
  const [moved] = await ask({ targets: two(down, spare), retries });
  assert.deepEqual([moved?.status, down.count(), spare.count()], [200, 2, 1]);
  const long = await declining(t, 429, Infinity, { "Retry-After": "3600" });
  const [skipped] = await ask({ targets: two(long, spare), failOverStatuses: [429], retries });
  assert.deepEqual([skipped?.status, long.count()], [200, 1]);
});

test("a 429 in `retryOn` alone never leads to the next target", async (t) => {
  const [first, second] = [await declining(t, 429), await declining(t, 500, 0)];
  const [response] = await ask({ targets: two(first, second), retries: { methods: ["POST"], retryOn: [429] } });
  assert.deepEqual([response?.status, first.count(), second.count()], [429, 2, 0]);
});
