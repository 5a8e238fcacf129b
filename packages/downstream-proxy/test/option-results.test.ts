import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";

import { toListener } from "@aivillage/middleware";
import { deadUrl, listen, startDownstream } from "@aivillage/testing";

import { downstreamProxy } from "../src/index.ts";

/** Status and text of a response whose error was not turned into a problem document. */
async function outcomeWith(target: string, options: object): Promise<[status: number, message: string]> {
  const proxy = downstreamProxy({ target, ...options });
  const handler = toListener(proxy, (error, _req, res, _next) => {
    res.statusCode = (error as { status?: number }).status ?? 500;
    res.end(error instanceof Error ? error.message : "");
  });
  await using app = await listen(handler);
  const response = await fetch(app.url, { method: "POST", body: "text" });
  const message = await response.text();
  await proxy.close({ deadlineMs: 0 });
  return [response.status, message];
}

const rejected = (): Promise<never> => Promise.reject(new Error("the database is down"));

test("an option that returns a rejecting promise is a 500 that names it, and the process goes on", async () => {
  await using target = await startDownstream({ body: {} });
  const names = ["path", "headers", "body", "mergeJson", "clientIp", "isFromTrustedProxy", "principal", "traceparent", "filter"];
  for (const name of names) {
    const [status, message] = await outcomeWith(target.url, { [name]: rejected, maxConcurrentPerClient: 1 });
    assert.equal(status, 500, name);
    assert.match(message, new RegExp(`\`${name}\` must return its result, got a promise`));
  }
  await setImmediate();
});

test("an option that returns another type is a 500 that names it", async () => {
  await using target = await startDownstream();
  const wrong: readonly [name: string, result: unknown][] = [
    ["path", 5],
    ["headers", "x: y"],
    ["headers", new Headers({ authorization: "Bearer s" })],
    ["headers", { "x-n": 5 }],
    ["body", "text"],
    ["body", { body: "text" }],
    ["principal", { id: "ada" }],
    ["isFromTrustedProxy", "yes"],
  ];
  for (const [name, result] of wrong) {
    const [status, message] = await outcomeWith(target.url, { [name]: () => result, maxConcurrentPerClient: 1 });
    assert.equal(status, 500, name);
    assert.match(message, new RegExp(`\`${name}\` must return `));
  }
  assert.equal(target.received.length, 0);
});

test("a failure whose client cannot be named counts for its address and is a 502", async () => {
  const [status] = await outcomeWith(await deadUrl(), { client: rejected, retries: false });
  assert.equal(status, 502);
});
