import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, constants, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { compose, hasResponseClosed, toListener } from "@aivillage/middleware";
import { eventually } from "@aivillage/testing";

import { type HoldResult, MemoryStore, tokenBudget } from "../src/index.ts";

test("a call of HTTP/2 whose client leaves while the store is asked holds nothing", async (t) => {
  const store = new MemoryStore();
  const hold = store.hold.bind(store);
  const waiting: (() => void)[] = [];
  let closed = (): boolean => false;
  store.hold = (...call: Parameters<typeof hold>) => new Promise<HoldResult>((resolve) => waiting.push(() => resolve(hold(...call))));
  const budget = tokenBudget({
    budgets: [{ name: "monthly", unit: "tokens", limit: 1_000, period: "month", key: () => "ann" }],
    call: () => ({ model: "m", estimatedInputTokens: 100, maxOutputTokens: 100 }),
    usage: () => undefined,
    store,
  });
  let reached = 0;
  // The requests of the compatibility API resemble those of `node:http`, but not for the compiler.
  const listener = toListener(
    compose(
      (_req, res, next) => {
        closed = () => hasResponseClosed(res);
        next();
      },
      budget,
      (_req, res) => void ((reached += 1), res.end()),
    ),
  ) as unknown as (...args: unknown[]) => void;
  const server = createServer({}, listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => {
    session.destroy();
    server.close();
    budget.close();
    store.close();
  });
  const stream = session.request({ ":path": "/" }).on("error", () => undefined);
  await eventually(() => waiting.length === 1, "the store is asked");
  stream.close(constants.NGHTTP2_CANCEL);
  await eventually(closed, "the client has left");
  waiting[0]?.();
  const held = await eventually(() => store.list().find((account) => account.held === 0), "nothing is held", { state: () => store.list() });
  assert.equal(held?.spent, 0);
  assert.equal(reached, 0);
});
