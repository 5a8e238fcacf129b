import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { mock, test } from "node:test";

import { type ErrorHandler, type Handler, HttpProblem } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

import {
  getRateLimit,
  MemoryStore,
  type PenaltyChanged,
  penaltyChanged,
  type PenaltyOptions,
  rateLimit,
  type RateLimitDecided,
  rateLimitDecided,
  type RateLimitOptions,
} from "../src/index.ts";

const ok: Handler = (_req, res) => void res.end("ok");
const clientOf = (req: IncomingMessage): string => String(req.headers["x-test-client"] ?? "ann");
const asJson: ErrorHandler = (error, _req, res, _next) => {
  const { status, type, title, detail, headers, extensions } = HttpProblem.from(error);
  res.writeHead(status, headers).end(JSON.stringify({ type, title, status, detail, ...extensions }));
};

/** A limiter with a clock by hand and a shortcut that sends requests without a socket. */
function limiterWithClock(penalty: PenaltyOptions = {}, options: Partial<RateLimitOptions> = {}) {
  const clock = { now: 0 };
  const now = (): number => clock.now;
  const store = new MemoryStore({ now });
  const limiter = rateLimit({ limit: 8, windowMs: 1_000, store, clientIp: clientOf, penalty: { now, ...penalty }, ...options });
  const changes: PenaltyChanged[] = [];
  const stop = penaltyChanged.subscribe((message) => changes.push(message));
  function send(client = "ann"): { passed: boolean; limit: number | undefined } {
    const req = { headers: { "x-test-client": client }, socket: {} } as unknown as IncomingMessage;
    let passed = false;
    limiter(req, { setHeader: () => undefined } as never, (error) => (passed = error === undefined));
    return { passed, limit: getRateLimit(req)?.limit };
  }
  const sendMany = (count: number, client?: string): number =>
    Array.from({ length: count }, () => send(client)).filter(({ passed }) => passed).length;
  const isPenalised = (client = "ann"): boolean => limiter.penalties().some(({ key }) => key === client);
  const dispose = (): void => {
    stop();
    limiter.close();
    store.close();
  };
  return { clock, limiter, changes, send, sendMany, isPenalised, [Symbol.dispose]: dispose };
}

test("refused cost up to twice the limit is no offence, one more is, and the limit is quartered", () => {
  using it = limiterWithClock();
  assert.equal(it.sendMany(8 + 16), 8);
  assert.equal(it.isPenalised(), false);
  assert.equal(it.send().limit, 8);
  assert.equal(it.isPenalised(), true);
  assert.equal(it.send().limit, 2);
  assert.equal(it.send("bob").limit, 8);
  it.clock.now = 1_100;
  assert.equal(it.sendMany(4), 2);
});

test("it decays: a penalty ends, a relapse soon after lasts twice as long up to the longest, and then all is forgotten", () => {
  using it = limiterWithClock({ durationMs: 10_000, maxDurationMs: 30_000 });
  const offend = (): void => void it.sendMany(60);
  const remaining = (): number => Math.round(it.limiter.penalties()[0]?.remainingMs ?? 0);
  offend();
  assert.equal(remaining(), 10_000);
  it.clock.now += 5_000;
  offend();
  assert.equal(remaining(), 10_000, "started anew while it lasts, no longer");
  it.clock.now += 10_000;
  assert.equal(it.isPenalised(), false);
  assert.equal(it.send().limit, 8);
  for (const expected of [20_000, 30_000, 30_000]) {
    offend();
    assert.equal(remaining(), expected);
    it.clock.now += expected;
    assert.equal(it.isPenalised(), false);
  }
  it.clock.now += 30_000;
  offend();
  assert.equal(remaining(), 10_000, "as if it had never happened");
});

test("reports sum up within the duration, by key or by request, and say why", () => {
  using it = limiterWithClock({ tolerance: 3, durationMs: 1_000 });
  const req = { headers: { "x-test-client": "ann" }, socket: {} } as unknown as IncomingMessage;
  it.limiter.penalize(req);
  it.limiter.penalize("ann", 2, "authentication");
  assert.equal(it.isPenalised(), false);
  it.clock.now = 2_000;
  it.limiter.penalize("ann", 3, "authentication");
  assert.equal(it.isPenalised(), false, "the first ones have left the window");
  it.limiter.penalize(req, 1, "input");
  assert.deepEqual(
    it.limiter.penalties().map(({ key, reason, remainingMs }) => ({ key, reason, remainingMs })),
    [{ key: "ann", reason: "input", remainingMs: 1_000 }],
  );
  it.limiter.penalize("bob", 4);
  assert.equal(it.isPenalised("bob"), true);
});

test("every change is reported, once, without the key", () => {
  using it = limiterWithClock({ tolerance: 0, durationMs: 1_000 });
  it.limiter.penalize("ann");
  it.limiter.penalize("ann");
  it.clock.now = 1_000;
  it.sendMany(2);
  it.limiter.penalize("bob", 1, "input");
  assert.equal(it.limiter.clear("bob"), true);
  assert.equal(it.limiter.clear("bob"), false);
  const [ann, , bob] = it.changes.map(({ client }) => client);
  assert.deepEqual(it.changes, [
    { key: "ann", client: ann, from: "none", to: "suspicious", reason: "reported", durationMs: 1_000 },
    { key: "ann", client: ann, from: "suspicious", to: "none", reason: "expired", durationMs: 0 },
    { key: "bob", client: bob, from: "none", to: "suspicious", reason: "input", durationMs: 1_000 },
    { key: "bob", client: bob, from: "suspicious", to: "none", reason: "cleared", durationMs: 0 },
  ]);
  assert.notEqual(ann, bob);
  assert.match(String(ann), /^[0-9a-f]{16}$/);
});

test("the end of a penalty is reported without another request, until close()", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    using it = limiterWithClock({ tolerance: 0, durationMs: 1_000 });
    it.limiter.penalize("ann");
    it.clock.now = 1_000;
    mock.timers.tick(1_000);
    assert.deepEqual(
      it.changes.map(({ to }) => to),
      ["suspicious", "none"],
    );
    it.limiter.penalize("ann");
    it.limiter.close();
    it.clock.now = 9_000;
    mock.timers.tick(9_000);
    assert.equal(it.changes.length, 3);
  } finally {
    mock.timers.reset();
  }
});

test("a penalty can be cleared: it ends at once and is forgotten", () => {
  using it = limiterWithClock({ tolerance: 0, durationMs: 1_000 });
  it.limiter.penalize("ann");
  assert.equal(it.send().limit, 2);
  it.limiter.clear("ann");
  assert.equal(it.send().limit, 8);
  it.limiter.penalize("ann");
  assert.equal(it.limiter.penalties()[0]?.remainingMs, 1_000, "not doubled");
});

test("the number of penalties is bounded: a new one ends the one that would have ended first", () => {
  using it = limiterWithClock({ tolerance: 0, maxKeys: 3, durationMs: 1_000 });
  for (const client of ["ann", "bob", "cid", "dan"]) {
    it.limiter.penalize(client);
    it.clock.now += 10;
  }
  assert.deepEqual(
    it.limiter.penalties().map(({ key }) => key),
    ["bob", "cid", "dan"],
  );
  const [ann] = it.changes;
  assert.deepEqual(it.changes[3], { key: "ann", client: ann?.client, from: "suspicious", to: "none", reason: "displaced", durationMs: 0 });
});

test("a client that offended again after a penalty is not freed by a flood of others", () => {
  using it = limiterWithClock({ tolerance: 0, maxKeys: 3, durationMs: 1_000 });
  it.limiter.penalize("ann");
  it.clock.now = 1_001;
  it.limiter.penalize("ann");
  for (let index = 0; index < 1_000; index += 1) it.limiter.penalize(`flood ${index}`);
  assert.deepEqual(
    it.limiter.penalties().map(({ key }) => key),
    ["ann", "flood 998", "flood 999"],
  );
});

test("the lowered limit is never below what one request costs, so that every wait ends", () => {
  using it = limiterWithClock({ tolerance: 0 }, {
    limit: undefined,
    windowMs: undefined,
    policies: [{ name: "p", limit: 8, windowMs: 1_000, cost: 5 }],
  } as never);
  it.limiter.penalize("ann");
  assert.deepEqual(it.send(), { passed: true, limit: 5 });
  assert.equal(it.send().passed, false);
});

test("without the option nobody is penalised", () => {
  const limiter = rateLimit({ limit: 1, windowMs: 1_000 });
  limiter.penalize("ann", 1_000);
  assert.deepEqual(limiter.penalties(), []);
  assert.equal(limiter.clear("ann"), false);
  limiter.close();
});

test("its options are checked", () => {
  const refused = (penalty: unknown, message: RegExp): void => {
    assert.throws(() => rateLimit({ limit: 1, windowMs: 1_000, penalty } as RateLimitOptions), { name: "TypeError", message });
  };
  refused(true, /option `penalty` must be an object, got true/);
  refused({ factor: 0 }, /option `penalty.factor` must be an integer from 1 to 1000, got 0/);
  refused({ divisor: 1 }, /option `penalty.divisor` must be an integer from 2/);
  refused({ durationMs: 5_000, maxDurationMs: 1_000 }, /option `penalty.maxDurationMs` must be at least `durationMs`, got 1000/);
  refused({ level: 1 }, /unknown option `penalty.level`; known options: factor, tolerance, divisor/);
});

forEachHost((host) => {
  test("a refusal by a penalty is abnormal usage, and events say so", async () => {
    const limiter = rateLimit({ limit: 4, windowMs: 60_000, penalty: { tolerance: 0 }, store: new MemoryStore({ now: () => 0 }) });
    const received: RateLimitDecided[] = [];
    await using app = await host.serve([limiter, ok], asJson);
    // A request of an earlier test may be decided only now.
    const stop = rateLimitDecided.subscribe((message) => {
      if (message.req.headers.host === new URL(app.url).host) received.push(message);
    });
    try {
      limiter.penalize("127.0.0.1");
      assert.equal((await fetch(app.url)).status, 200);
      const refused = await fetch(app.url);
      assert.equal(refused.headers.get("x-ratelimit-limit"), "1");
      assert.equal(refused.headers.get("retry-after"), "62");
      assert.deepEqual(await refused.json(), {
        type: "https://iana.org/assignments/http-problem-types#abnormal-usage-detected",
        title: "Abnormal usage detected",
        status: 429,
        detail: "After abnormal usage the limit is lowered for a while. The limit of 1 in 60 s is used up. Try again in 62 s.",
        "violated-policies": ["default"],
        limit: 1,
        window: 60,
        retry_after: 62,
      });
      assert.deepEqual(
        received.map(({ penalised }) => penalised),
        [true, true],
      );
    } finally {
      stop();
      limiter.close();
    }
  });
});
