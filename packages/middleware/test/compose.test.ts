import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";

import { compose, type Handler, type Next } from "@aivillage/middleware";

const req = {} as IncomingMessage;
const res = {} as ServerResponse;

/** Runs the handlers and tells what they and the last `next` got, in order. */
function run(...handlers: Handler[]): unknown[] {
  const calls: unknown[] = [];
  compose(...handlers)(req, res, (error) => void calls.push(error ?? "handed on"));
  return calls;
}

test("handlers run in order with the same request and response", () => {
  const order: number[] = [];
  const step =
    (number: number): Handler =>
    (gotReq, gotRes, next) => {
      assert.equal(gotReq, req);
      assert.equal(gotRes, res);
      order.push(number);
      next();
    };
  assert.deepEqual(run(step(1), step(2), step(3)), ["handed on"]);
  assert.deepEqual(order, [1, 2, 3]);
});

test("without handlers the request is handed on", () => {
  assert.deepEqual(run(), ["handed on"]);
});

test("a handler that does not call next ends the run", () => {
  let reached = false;
  const calls = run(
    () => undefined,
    () => void (reached = true),
  );
  assert.deepEqual(calls, []);
  assert.equal(reached, false);
});

test("an error passed to next skips the rest", () => {
  const error = new Error("passed");
  let reached = false;
  const calls = run(
    (_req, _res, next) => next(error),
    () => void (reached = true),
  );
  assert.deepEqual(calls, [error]);
  assert.equal(reached, false);
});

test("a thrown error skips the rest, at any depth", () => {
  const error = new Error("thrown");
  const pass: Handler = (_req, _res, next) => next();
  const fail: Handler = () => {
    throw error;
  };
  assert.deepEqual(run(fail), [error]);
  assert.deepEqual(run(pass, pass, fail, pass), [error]);
  assert.deepEqual(run(pass, compose(pass, fail), pass), [error]);
});

test("null and undefined are no errors, everything else is", () => {
  const passing =
    (value: unknown): Handler =>
    (_req, _res, next) =>
      next(value);
  assert.deepEqual(run(passing(null), passing(undefined)), ["handed on"]);
  for (const value of [0, "", false, "route"]) {
    const seen: unknown[] = [];
    compose(passing(value))(req, res, (error) => void seen.push(error));
    assert.deepEqual(seen, [value]);
  }
});

test("a later next goes on where the run stopped", async () => {
  const later: Handler = (_req, _res, next) => void setImmediate(next);
  const seen = await new Promise((resolve) => compose(later, later)(req, res, (error) => resolve(error ?? "handed on")));
  assert.equal(seen, "handed on");
});

test("a composed handler serves many requests at once, each with its own position", () => {
  const waiting: Next[] = [];
  const ended: unknown[] = [];
  const composed = compose(
    (_req, _res, next) => void waiting.push(next),
    (request, _res, next) => next(void ended.push(request)),
  );
  const requests = [{}, {}, {}] as IncomingMessage[];
  for (const request of requests) composed(request, res, () => undefined);
  for (const next of waiting.toReversed()) next();
  for (const [position, request] of requests.toReversed().entries()) assert.equal(ended[position], request);
});

test("what is no function is refused with its place, and skips nothing silently", () => {
  const ok: Handler = () => undefined;
  assert.throws(() => compose(ok, undefined as never, ok), {
    name: "TypeError",
    message: "@aivillage/middleware: option `handlers[1]` must be a function, got undefined",
  });
  assert.throws(() => compose([ok] as never), /option `handlers\[0\]` must be a function, got \[ \[Function: ok\] \]/);
});

test("the rejection of an async handler goes to next, and an unnamed one becomes an error", async () => {
  for (const reason of [new Error("late"), undefined]) {
    const passed = await new Promise<unknown>((resolve) => {
      compose(
        // A program in JavaScript, or one that TypeScript lets pass: an async function is a handler.
        () => Promise.reject(reason) as unknown as void,
        () => assert.fail("the next handler ran"),
      )(req, res, resolve);
    });
    assert.ok(passed instanceof Error && (reason === undefined || passed === reason));
  }
});
