import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

import { rateLimit, type RateLimitOptions, type RateLimitSkipped, rateLimitSkipped } from "../src/index.ts";

const ok: Handler = (_req, res) => void res.end("ok");
const clientIp = (req: IncomingMessage): string => String(req.headers["x-test-address"] ?? "203.0.113.1");

/** Whether a second request passes under a limit of one, which is so for skipped ones only. */
async function passesTwice(options: Partial<RateLimitOptions>, headers: Record<string, string> = {}): Promise<boolean> {
  const limiter = rateLimit({ limit: 1, windowMs: 60_000, clientIp, ...options });
  const req = { headers, socket: {} } as unknown as IncomingMessage;
  const outcomes: unknown[] = [];
  for (let sent = 0; sent < 2; sent += 1) limiter(req, { setHeader: () => undefined } as never, (error) => outcomes.push(error));
  limiter.close();
  return outcomes[1] === undefined;
}

test("addresses and networks on the list are not limited, others are", async () => {
  const allow = ["192.0.2.7", "198.51.100.0/24", "2001:db8:1::/48", "::1"];
  const isFree = (address: string): Promise<boolean> => passesTwice({ allow }, { "x-test-address": address });
  for (const address of ["192.0.2.7", "::ffff:192.0.2.7", "198.51.100.0", "198.51.100.255", "2001:db8:1:ffff::9", "::1"]) {
    assert.equal(await isFree(address), true, address);
  }
  for (const address of ["192.0.2.8", "198.51.101.0", "2001:db8:2::1", "::2", "unknown", "198.51.100.7.example"]) {
    assert.equal(await isFree(address), false, address);
  }
});

test("only true and a reason skip", async () => {
  for (const reason of [true, "partner"]) assert.equal(await passesTwice({ skip: () => reason }), true);
  for (const reason of [false, undefined, null, 0, 1, {}]) assert.equal(await passesTwice({ skip: () => reason as never }), false);
});

test("a promise instead of a response is an error of the request", async () => {
  const promised = (): never => Promise.reject(new Error("late")) as never;
  for (const options of [
    { skip: promised },
    { limit: undefined, windowMs: undefined, policies: [{ name: "a", limit: 1, windowMs: 1_000, when: promised }] },
  ]) {
    const limiter = rateLimit({ limit: 1, windowMs: 60_000, clientIp, ...options } as RateLimitOptions);
    const outcomes: unknown[] = [];
    limiter({ headers: {}, socket: {} } as never, { setHeader: () => undefined } as never, (error) => outcomes.push(error));
    limiter.close();
    assert.match(
      String(outcomes[0]),
      /TypeError: @aivillage\/rate-limit: `(skip|policies\[0\]\.when)` must return its result, got a promise/,
    );
  }
});

test("a list remembers decisions for a bounded number of addresses and gives the same ones afterwards", async () => {
  const limiter = rateLimit({ limit: 1, windowMs: 60_000, clientIp, allow: ["10.0.0.0/8"] });
  const passed = new Map<string, number>();
  for (let round = 0; round < 2; round += 1) {
    for (let host = 0; host < 1_500; host += 1) {
      const address = `${host % 2 === 0 ? 10 : 11}.0.${host >> 8}.${host & 255}`;
      const req = { headers: { "x-test-address": address }, socket: {} } as unknown as IncomingMessage;
      limiter(req, { setHeader: () => undefined } as never, (error) => {
        if (error === undefined) passed.set(address, (passed.get(address) ?? 0) + 1);
      });
    }
  }
  for (const [address, times] of passed) assert.equal(times, address.startsWith("10.") ? 2 : 1, address);
  assert.equal(passed.size, 1_500);
  limiter.close();
});

forEachHost((host) => {
  test("a skipped request carries no headers, and listeners receive the reason", async () => {
    const skip = (req: IncomingMessage): string | undefined => (req.headers["x-partner"] === "acme" ? "partner" : undefined);
    await using app = await host.serve([rateLimit({ limit: 1, windowMs: 60_000, allow: ["192.0.2.0/24"], skip, clientIp }), ok]);
    const received: RateLimitSkipped[] = [];
    const stop = rateLimitSkipped.subscribe((message) => received.push(message));
    try {
      for (const headers of [{ "x-test-address": "192.0.2.9" }, { "x-partner": "acme" }]) {
        const response = await fetch(app.url, { headers });
        assert.deepEqual([response.status, response.headers.get("ratelimit")], [200, null]);
      }
      assert.equal((await fetch(app.url)).headers.get("x-ratelimit-remaining"), "0");
    } finally {
      stop();
    }
    assert.deepEqual(
      received.map(({ reason }) => reason),
      ["allow", "partner"],
    );
  });
});
