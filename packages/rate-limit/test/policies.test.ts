import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import type { ErrorHandler, Handler } from "@aivillage/middleware";
import { HttpProblem } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

import { getRateLimit, MemoryStore, type Policy, rateLimit, refundRateLimit } from "../src/index.ts";

const header = (name: string) => (req: IncomingMessage) => req.headers[name]?.toString();

/** Answers with what was decided, in short. */
const show: Handler = (req, res) => {
  const { policies = [] } = getRateLimit(req) ?? {};
  res.end(policies.map(({ policy, remaining }) => `${policy}:${remaining}`).join(" "));
};
const showProblem: ErrorHandler = (error, _req, res, _next) => {
  const { status, detail, headers, extensions } = HttpProblem.from(error);
  res.writeHead(status, headers).end(JSON.stringify({ detail, ...extensions }));
};

forEachHost((host) => {
  async function serve(policies: readonly Policy[], behind: Handler = show) {
    const store = new MemoryStore({ now: () => 0 });
    const app = await host.serve([rateLimit({ policies, store }), behind], showProblem);
    const get = async (headers: Record<string, string> = {}) => {
      const response = await fetch(app.url, { headers });
      return { status: response.status, body: await response.text(), headers: response.headers };
    };
    return { get, store, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
  }

  test("a request that one policy refuses is charged to none", async () => {
    await using app = await serve([
      { name: "wide", limit: 10, windowMs: 60_000 },
      { name: "narrow", limit: 1, windowMs: 10_000, when: (req) => req.headers["x-narrow"] !== undefined },
    ]);
    const narrow = { "x-narrow": "1" };
    assert.equal((await app.get(narrow)).body, "wide:9 narrow:0");
    for (let refused = 0; refused < 5; refused += 1) assert.equal((await app.get(narrow)).status, 429);
    assert.equal((await app.get()).body, "wide:8");
  });

  test("all policies are advertised, the most restrictive one is reported", async () => {
    await using app = await serve([
      { name: "minute", limit: 5, windowMs: 60_000 },
      { name: "second", limit: 2, windowMs: 1_000 },
    ]);
    const { headers } = await app.get();
    assert.equal(headers.get("ratelimit-policy"), '"minute";q=5;w=60, "second";q=2;w=1');
    assert.equal(headers.get("ratelimit"), '"second";r=1;t=2');
    assert.equal(headers.get("x-ratelimit-limit"), "2");
    assert.equal(headers.get("x-ratelimit-remaining"), "1");
  });

  test("when several policies refuse, all are named and the longest wait counts", async () => {
    await using app = await serve([
      { name: "short", limit: 1, windowMs: 1_000 },
      { name: "roomy", limit: 9, windowMs: 900_000 },
      { name: "long", limit: 1, windowMs: 32_000 },
    ]);
    await app.get();
    const { status, body, headers } = await app.get();
    assert.equal(status, 429);
    assert.deepEqual(JSON.parse(body), {
      detail: "The limit of 1 in 32 s is used up. Try again in 33 s.",
      "violated-policies": ["short", "long"],
      limit: 1,
      window: 32,
      retry_after: 33,
    });
    assert.equal(headers.get("ratelimit"), '"long";r=0;t=33');
    assert.equal(headers.get("retry-after"), "33");
  });

  test("keys are counted apart, and a policy without a key does not apply", async () => {
    await using app = await serve([{ name: "user", limit: 1, windowMs: 60_000, key: header("x-user") }]);
    assert.equal((await app.get({ "x-user": "ann" })).status, 200);
    assert.equal((await app.get({ "x-user": "ann" })).status, 429);
    assert.equal((await app.get({ "x-user": "bob" })).status, 200);
    for (let sent = 0; sent < 3; sent += 1) {
      const { status, body, headers } = await app.get();
      assert.deepEqual([status, body, headers.get("ratelimit")], [200, "", null]);
    }
  });

  test("tiers are policies that apply to whom they are meant for", async () => {
    const plan = header("x-verified-plan");
    await using app = await serve([
      { name: "anonymous", limit: 1, windowMs: 60_000, when: (req) => plan(req) === undefined },
      { name: "plan", limit: (req) => (plan(req) === "premium" ? 4 : 2), windowMs: 60_000, key: header("x-verified-user") },
    ]);
    const countAllowed = async (headers: Record<string, string>): Promise<number> => {
      let allowed = 0;
      for (let sent = 0; sent < 6; sent += 1) if ((await app.get(headers)).status === 200) allowed += 1;
      return allowed;
    };
    assert.equal(await countAllowed({}), 1);
    assert.equal(await countAllowed({ "x-verified-plan": "basic", "x-verified-user": "ann" }), 2);
    assert.equal(await countAllowed({ "x-verified-plan": "premium", "x-verified-user": "bob" }), 4);
  });

  test("costs add up, and a request that is too dear passes later or never", async () => {
    await using app = await serve([{ name: "tokens", limit: 10, windowMs: 60_000, cost: (req) => Number(header("x-cost")(req)) }]);
    assert.equal((await app.get({ "x-cost": "7" })).body, "tokens:3");
    const tooDearNow = await app.get({ "x-cost": "4" });
    assert.deepEqual([tooDearNow.status, tooDearNow.headers.get("retry-after")], [429, "62"]);
    assert.equal(tooDearNow.headers.get("ratelimit"), '"tokens";r=3;t=62');
    assert.equal((await app.get({ "x-cost": "0" })).body, "tokens:3");
    assert.equal((await app.get({ "x-cost": "3" })).body, "tokens:0");
    const never = await app.get({ "x-cost": "11" });
    assert.equal(never.status, 429);
    assert.equal(never.headers.get("retry-after"), null);
    assert.equal(never.headers.get("ratelimit"), '"tokens";r=0');
    assert.deepEqual(JSON.parse(never.body), {
      detail: "The request costs 11, more than the limit of 10 in 60 s: it can never pass. Ask for less at once.",
      "violated-policies": ["tokens"],
      limit: 10,
      window: 60,
    });
  });

  test("a limit, cost or key function with a bad result is an error of the server, never a free pass", async () => {
    for (const [policy, message] of [
      [{ limit: () => Number.NaN }, /^@aivillage\/rate-limit: `limit` of policy "odd" must return an integer from 0 to \d+, got NaN$/],
      [{ limit: 1, cost: () => -1 }, /`cost` of policy "odd" must return an integer from 0 to \d+, got -1$/],
      [{ limit: 1, key: () => 7 as never }, /`key` of policy "odd" must return a string or undefined, got 'number'$/],
      [{ limit: 1, when: () => assert.fail("no idea") }, /^no idea$/],
    ] as const) {
      const errors: Error[] = [];
      const note: ErrorHandler = (error, _req, res, _next) => {
        errors.push(error as Error);
        res.writeHead(500).end();
      };
      await using app = await host.serve([rateLimit({ policies: [{ name: "odd", windowMs: 1_000, ...policy }] }), show], note);
      assert.equal((await fetch(app.url)).status, 500);
      assert.match(errors[0]?.message ?? "", message);
    }
  });

  test("a refund gives back once what every limiter on the way charged", async () => {
    const refundTwice: Handler = (req, res, next) => {
      refundRateLimit(req)
        .then(() => refundRateLimit(req))
        .then(() => res.end("refunded"), next);
    };
    const store = new MemoryStore({ now: () => 0 });
    const first = rateLimit({ policies: [{ name: "first", limit: 2, windowMs: 60_000, cost: 2 }], store });
    const second = rateLimit({ policies: [{ name: "second", limit: 1, windowMs: 60_000 }], store });
    await using app = await host.serve([first, second, refundTwice]);
    for (let sent = 0; sent < 3; sent += 1) assert.equal((await fetch(app.url)).status, 200);
  });

  test("a function may lower the limit while requests are counted", async () => {
    await using app = await serve([{ name: "ip", limit: (req) => Number(header("x-limit")(req)), windowMs: 60_000 }]);
    for (const left of ["3", "2", "1"]) assert.equal((await app.get({ "x-limit": "4" })).body, `ip:${left}`);
    const lowered = await app.get({ "x-limit": "2" });
    assert.deepEqual([lowered.status, lowered.headers.get("ratelimit")], [429, '"ip";r=0;t=62']);
    assert.equal((await app.get({ "x-limit": "4" })).status, 200);
    assert.equal((await app.get({ "x-limit": "0" })).headers.get("retry-after"), null);
  });
});

test("a refund of a request that was never limited does nothing", async () => {
  assert.equal(await refundRateLimit({} as IncomingMessage), undefined);
});
