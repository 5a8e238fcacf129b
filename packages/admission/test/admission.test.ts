import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";

import { compose, type Handler, toListener } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";
import { eventually, forEachHost, listen } from "@aivillage/testing";

import {
  admission,
  type AdmissionHandler,
  admissionRefused,
  getAdmission,
  requestAdmitted,
  slotsReleased,
  waitingClientLeft,
} from "../src/index.ts";

/** A handler whose responses the test ends. */
function holding(): { handler: Handler; held: { req: IncomingMessage; res: ServerResponse }[] } {
  const held: { req: IncomingMessage; res: ServerResponse }[] = [];
  return { held, handler: (req, res) => void held.push({ req, res }) };
}

const serve = (...handlers: Handler[]) => listen(toListener(compose(...handlers)));
const inFlight = (made: AdmissionHandler): number => made.state()[0]?.inFlight ?? -1;
const waiting = (made: AdmissionHandler): number => made.state()[0]?.waiting ?? -1;
const nameOf = (req: IncomingMessage): string | undefined => req.headers["x-name"]?.toString();
const as = (name: string) => ({ headers: { "X-Name": name } });

forEachHost((host) => {
  void test("a request waits until the response of another has ended, and knows that it did", async () => {
    const made = admission({ limits: [{ name: "model", max: 1 }], positionHeader: true });
    const { handler, held } = holding();
    await using app = await host.serve([made, handler]);
    const first = fetch(app.url);
    await eventually(() => held.length === 1, "the first runs");
    const second = fetch(app.url);
    await eventually(() => waiting(made) === 1, "the second waits");
    assert.deepEqual(made.state(), [{ limit: "model", inFlight: 1, waiting: 1, max: 1 }]);
    held[0]?.res.end("one");
    await eventually(() => held.length === 2, "the second runs");
    const admitted = held[1] === undefined ? undefined : getAdmission(held[1].req);
    assert.equal(admitted?.position, 1);
    assert.ok(admitted.waitedMs > 0);
    held[1]?.res.end("two");
    assert.equal((await first).headers.get("x-queue-position"), null);
    assert.equal((await second).headers.get("x-queue-position"), "1");
    await eventually(() => inFlight(made) === 0, "both slots are free");
  });

  void test("a request that has waited goes on in its own async context, and not in that of the request that has made room", async () => {
    const client = new AsyncLocalStorage<string>();
    const made = admission({ limits: [{ name: "model", max: 1 }], queue: { max: 2, maxPerShare: 2 } });
    const enter: Handler = (req, _res, next) => client.run(nameOf(req) ?? "", next);
    const held: ServerResponse[] = [];
    const handler: Handler = (_req, res) => void held.push(res.setHeader("X-Context", client.getStore() ?? "none"));
    await using app = await host.serve([enter, made, handler]);
    const responses = ["ann", "bob", "cy"].map((name) => fetch(app.url, as(name)));
    for (let count = 1; count <= 3; count += 1) {
      await eventually(() => held.length === count && waiting(made) === 3 - count, "one runs and the others wait");
      held.at(-1)?.end();
    }
    const contexts = (await Promise.all(responses)).map(({ headers }) => headers.get("x-context"));
    assert.deepEqual(contexts, ["ann", "bob", "cy"]);
  });

  void test("a request that passes it twice holds one slot, also the last one", async () => {
    const made = admission({ limits: [{ name: "model", max: 1 }], queue: { max: 0 } });
    const other = admission({ limits: [{ name: "disk", max: 1 }] });
    await using app = await host.serve([made, other, made, (_req, res) => void res.end(`${inFlight(made)} ${inFlight(other)}`)]);
    assert.equal(await (await fetch(app.url)).text(), "1 1");
    await eventually(() => inFlight(made) === 0 && inFlight(other) === 0, "the slots are free");
  });

  void test("beyond the queue the backend's limit is a 503 and the client's own a 429, both with an honest wait", async () => {
    const made = admission({
      limits: [
        { name: "per-client", max: 1, key: nameOf },
        { name: "model", max: 2 },
      ],
      queue: { max: 0 },
    });
    const { handler, held } = holding();
    await using app = await host.serve([made, handler], problemDetails({ log: false }));
    const running = [fetch(app.url, as("a")), fetch(app.url, as("b"))];
    await eventually(() => held.length === 2, "both run");
    const [own, shared] = await Promise.all([fetch(app.url, as("a")), fetch(app.url, as("c"))]);
    assert.deepEqual([own.status, shared.status], [429, 503]);
    for (const response of [own, shared]) assert.match(response.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
    const [mine, ours] = [(await own.json()) as Record<string, unknown>, (await shared.json()) as Record<string, unknown>];
    assert.match(String(mine["type"]), /concurrency-exceeded\.md$/);
    assert.equal(ours["type"], "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity");
    assert.doesNotMatch(JSON.stringify([mine, ours]), /per-client|model/, "names of limits are for operators");
    for (const { res } of held) res.end();
    await Promise.all(running);
  });

  void test("a client that leaves frees its place at once, without being served", async () => {
    const left: string[] = [];
    const made = admission({ limits: [{ name: "model", max: 1 }], onUnserved: async (_req, reason) => void left.push(reason) });
    const { handler, held } = holding();
    await using app = await host.serve([made, handler]);
    const first = fetch(app.url);
    await eventually(() => held.length === 1, "the first runs");
    const leaving = new AbortController();
    const second = fetch(app.url, { signal: leaving.signal });
    await eventually(() => waiting(made) === 1, "the second waits");
    leaving.abort();
    await assert.rejects(second);
    await eventually(() => waiting(made) === 0, "its place is free");
    assert.deepEqual(left, ["left"]);
    held[0]?.res.end();
    await first;
    await eventually(() => inFlight(made) === 0, "the slot is free");
    assert.equal(held.length, 1);
  });

  void test("an error that later handlers pass on gives the slot back", async () => {
    const made = admission({ limits: [{ name: "model", max: 1 }] });
    await using app = await host.serve([made, (_req, _res, next) => next(new Error("broken"))], problemDetails({ log: false }));
    for (let index = 0; index < 3; index += 1) assert.equal((await fetch(app.url)).status, 500);
    await eventually(() => inFlight(made) === 0, "the slot is free");
  });

  void test("a handler that throws gives the slot back", async () => {
    const made = admission({ limits: [{ name: "model", max: 1 }] });
    await using app = await host.serve(
      [
        made,
        () => {
          throw new Error("broken");
        },
      ],
      problemDetails({ log: false }),
    );
    for (let index = 0; index < 3; index += 1) assert.equal((await fetch(app.url)).status, 500);
    await eventually(() => inFlight(made) === 0, "the slot is free");
  });
});

void test("a request that waits too long is refused, and onUnserved may give back what it was charged", async () => {
  const unserved: string[] = [];
  const made = admission({
    limits: [{ name: "model", max: 1 }],
    queue: { maxWaitMs: 1 },
    onUnserved: (_req, reason) => unserved.push(reason),
  });
  const { handler, held } = holding();
  await using app = await serve(made, handler);
  const first = fetch(app.url);
  await eventually(() => held.length === 1, "the first runs");
  assert.equal((await fetch(app.url)).status, 503);
  assert.deepEqual(unserved, ["refused"]);
  held[0]?.res.end();
  await first;
});

void test("limits apply as `when` and `key` say, and may depend on the request", async () => {
  const made = admission({
    limits: [
      { name: "named", max: (req) => Number(req.headers["x-max"] ?? 1), key: nameOf },
      { name: "posts", max: 1, when: ({ method }) => method === "POST" },
    ],
    queue: { max: 0 },
  });
  const { handler, held } = holding();
  await using app = await serve(made, handler);
  const running = [fetch(app.url), fetch(app.url), fetch(app.url, as("a")), fetch(app.url, { method: "POST" })];
  await eventually(() => held.length === 4, "all run");
  assert.equal((await fetch(app.url, as("a"))).status, 429);
  assert.equal((await fetch(app.url, { method: "POST" })).status, 503);
  const more = fetch(app.url, { headers: { "X-Name": "a", "X-Max": "2" } });
  await eventually(() => held.length === 5, "two of a run");
  for (const { res } of held) res.end();
  await Promise.all([...running, more]);
});

void test("a resolver that returns nonsense is an error of the request and holds nothing", async () => {
  const made = admission({ limits: [{ name: "model", max: () => Number.NaN }] });
  await using app = await serve(made, (_req, res) => void res.end());
  assert.equal((await fetch(app.url)).status, 500);
  assert.equal(inFlight(made), 0);
});

void test("events report what happened to each request", async (t) => {
  const seen: string[] = [];
  const stops = [
    requestAdmitted.subscribe(({ limits, position }) => seen.push(`admitted ${limits.join()} ${position}`)),
    slotsReleased.subscribe(({ heldMs }) => seen.push(`released ${heldMs >= 0}`)),
    admissionRefused.subscribe(({ limit, reason }) => seen.push(`refused ${limit} ${reason}`)),
    waitingClientLeft.subscribe(({ limits }) => seen.push(`left ${limits.join()}`)),
  ];
  t.after(() => stops.map((stop) => stop()));
  const made = admission({ limits: [{ name: "model", max: 1 }], queue: { max: 1 } });
  const { handler, held } = holding();
  await using app = await serve(made, handler);
  const first = fetch(app.url);
  await eventually(() => held.length === 1, "the first runs");
  const leaving = new AbortController();
  const second = fetch(app.url, { signal: leaving.signal });
  await eventually(() => waiting(made) === 1, "the second waits");
  assert.equal((await fetch(app.url)).status, 503);
  leaving.abort();
  await assert.rejects(second);
  await eventually(() => waiting(made) === 0, "its place is free");
  held[0]?.res.end();
  await first;
  await eventually(() => inFlight(made) === 0, "the slot is free");
  assert.deepEqual(seen, ["admitted model 0", "refused model queue-full", "left model", "released true"]);
});
