import assert from "node:assert/strict";
import { test } from "node:test";

import type { ErrorHandler, Handler } from "@aivillage/middleware";
import { HttpProblem } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

import { getRateLimit, MemoryStore, rateLimit, type RateLimitDecided, rateLimitDecided, type RateLimitResult } from "../src/index.ts";

const ok: Handler = (_req, res) => void res.end("ok");

/** Shows the problem as the client would get it from an error handler that writes documents. */
const asJson: ErrorHandler = (error, _req, res, _next) => {
  const { status, type, title, detail, headers, extensions } = HttpProblem.from(error);
  res.writeHead(status, headers).end(JSON.stringify({ type, title, status, detail, ...extensions }));
};

const rateHeaders = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit-policy", "ratelimit", "retry-after"];

const shown = ({ headers }: Response): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => rateHeaders.includes(name)));

async function get(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string; rate: Record<string, string> }> {
  const response = await fetch(url, { headers });
  return { status: response.status, body: await response.text(), rate: shown(response) };
}

forEachHost((host) => {
  test("three of three pass, the fourth is refused, and all carry the headers", async () => {
    let now = 1_000;
    await using app = await host.serve([rateLimit({ limit: 3, windowMs: 60_000, store: new MemoryStore({ now: () => now }) }), ok]);
    for (const remaining of ["2", "1", "0"]) {
      assert.deepEqual(await get(app.url), {
        status: 200,
        body: "ok",
        rate: {
          "x-ratelimit-limit": "3",
          "x-ratelimit-remaining": remaining,
          "x-ratelimit-reset": "61",
          "ratelimit-policy": '"default";q=3;w=60',
          ratelimit: `"default";r=${remaining};t=61`,
        },
      });
    }
    now += 20_000;
    const refused = await get(app.url);
    assert.equal(refused.status, 429);
    assert.notEqual(refused.body, "ok");
    assert.deepEqual(refused.rate, {
      "x-ratelimit-limit": "3",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": "41",
      "ratelimit-policy": '"default";q=3;w=60',
      ratelimit: '"default";r=0;t=41',
      "retry-after": "41",
    });
    now += 41_000;
    assert.equal((await get(app.url)).status, 200);
  });

  test("a refusal is the registered problem, with its policies, limit, window and wait", async () => {
    const limiter = rateLimit({ limit: 1, windowMs: 1_500, store: new MemoryStore({ now: () => 0 }) });
    await using app = await host.serve([limiter, ok], asJson);
    assert.equal((await get(app.url)).status, 200);
    const { status, body, rate } = await get(app.url);
    assert.equal(status, 429);
    assert.equal(rate["ratelimit-policy"], '"default";q=1;w=2');
    assert.deepEqual(JSON.parse(body), {
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      title: "Quota exceeded",
      status: 429,
      detail: "The limit of 1 in 1.5 s is used up. Try again in 2 s.",
      "violated-policies": ["default"],
      limit: 1,
      window: 1.5,
      retry_after: 2,
    });
  });

  test("what the client writes into forwarding headers changes nothing", async () => {
    await using app = await host.serve([rateLimit({ limit: 2, windowMs: 60_000 }), ok]);
    const statuses: number[] = [];
    for (const address of ["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4"]) {
      const spoofed = { "X-Forwarded-For": address, Forwarded: `for=${address}`, "X-Real-IP": address, "CF-Connecting-IP": address };
      statuses.push((await get(app.url, spoofed)).status);
    }
    assert.deepEqual(statuses, [200, 200, 429, 429]);
  });

  test("a burst of parallel requests gets exactly the limit", async () => {
    await using app = await host.serve([rateLimit({ limit: 10, windowMs: 60_000 }), ok]);
    const responses = await Promise.all(Array.from({ length: 40 }, () => get(app.url)));
    assert.equal(responses.filter(({ status }) => status === 200).length, 10);
    assert.equal(responses.filter(({ status }) => status === 429).length, 30);
  });

  test("a store that replies later decides the same", async () => {
    const memory = new MemoryStore({ now: () => 0 });
    const store = {
      decide: async (...args: Parameters<MemoryStore["decide"]>) => memory.decide(...args),
      refund: async (...args: Parameters<MemoryStore["refund"]>) => memory.refund(...args),
      reset: async (...args: Parameters<MemoryStore["reset"]>) => memory.reset(...args),
    };
    await using app = await host.serve([rateLimit({ limit: 1, windowMs: 60_000, store }), ok]);
    const first = await get(app.url);
    assert.deepEqual([first.status, first.rate["x-ratelimit-remaining"]], [200, "0"]);
    const second = await get(app.url);
    assert.deepEqual([second.status, second.rate["retry-after"]], [429, "62"]);
  });

  for (const [when, decide] of [
    ["at once", () => assert.fail("store is away")],
    ["later", () => Promise.reject(new Error("store is away"))],
  ] as const) {
    test(`a store that fails ${when} goes to the error handler`, async () => {
      const store = { decide, refund: () => undefined, reset: () => undefined };
      await using app = await host.serve([rateLimit({ limit: 1, windowMs: 60_000, store }), ok], asJson);
      assert.equal((await get(app.url)).status, 500);
    });
  }
});

forEachHost((host) => {
  test("a dry run refuses nobody and sends nothing, but counts, publishes and shows its decision", async () => {
    const received: RateLimitDecided[] = [];
    const results: (RateLimitResult | undefined)[] = [];
    const look: Handler = (req, _res, next) => next(void results.push(getRateLimit(req)));
    await using app = await host.serve([rateLimit({ limit: 1, windowMs: 60_000, dryRun: true }), look, ok]);
    const unsubscribe = rateLimitDecided.subscribe((message) => received.push(message));
    try {
      for (let sent = 0; sent < 2; sent += 1) assert.deepEqual(await get(app.url), { status: 200, body: "ok", rate: {} });
    } finally {
      unsubscribe();
    }
    assert.deepEqual(
      received.map(({ decision, dryRun }) => [decision, dryRun]),
      [
        ["allowed", true],
        ["refused", true],
      ],
    );
    assert.deepEqual(
      results.map((result) => result?.allowed),
      [true, false],
    );
  });

  test("skipped requests are neither counted nor marked", async () => {
    const skip = (req: { url?: string | undefined }): boolean => req.url === "/livez";
    const mark: Handler = (req, res) => void res.end(getRateLimit(req)?.policy ?? "unmarked");
    await using app = await host.serve([rateLimit({ limit: 1, windowMs: 60_000, skip }), mark]);
    for (let sent = 0; sent < 3; sent += 1) assert.deepEqual(await get(`${app.url}/livez`), { status: 200, body: "unmarked", rate: {} });
    assert.equal((await get(app.url)).status, 200);
    assert.equal((await get(app.url)).status, 429);
  });

  test("without headers a refusal still says when to come back", async () => {
    const limiter = rateLimit({ limit: 1, windowMs: 60_000, headers: false, store: new MemoryStore({ now: () => 0 }) });
    await using app = await host.serve([limiter, ok]);
    assert.deepEqual(await get(app.url), { status: 200, body: "ok", rate: {} });
    assert.deepEqual((await get(app.url)).rate, { "retry-after": "62" });
  });

  test("listeners receive every decision with its tier", async () => {
    const received: RateLimitDecided[] = [];
    await using app = await host.serve([rateLimit({ limit: 1, windowMs: 60_000, tier: () => "anonymous" }), ok]);
    const unsubscribe = rateLimitDecided.subscribe((message) => received.push(message));
    try {
      await get(`${app.url}/first`);
      await get(`${app.url}/second`);
    } finally {
      unsubscribe();
    }
    const common = { policy: "default", tier: "anonymous", limit: 1, remaining: 0, penalised: false, dryRun: false };
    assert.deepEqual(
      received.map(({ req }) => req.url),
      ["/first", "/second"],
    );
    assert.deepEqual(
      received.map(({ req: _req, ...message }) => message),
      [
        { ...common, decision: "allowed" },
        { ...common, decision: "refused" },
      ],
    );
  });
});

test("nobody asks for the tier while nobody listens", async () => {
  const limiter = rateLimit({ limit: 1, windowMs: 60_000, tier: () => assert.fail("asked") });
  const errors: unknown[] = [];
  limiter({ socket: {} } as never, { setHeader: () => undefined } as never, (error) => errors.push(error));
  assert.deepEqual(errors, [undefined]);
  limiter.close();
});

test("the handler has a name", () => {
  const limiter = rateLimit({ limit: 1, windowMs: 60_000 });
  assert.equal(limiter.name, "rateLimitHandler");
  limiter.close();
});
