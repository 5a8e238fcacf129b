import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";

import { eventually, forEachHost } from "@aivillage/testing";

import { type HoldResult, MemoryStore } from "../src/index.ts";
import { call, serveBudget } from "./app.ts";

/** A store that decides at once, but whose replies to a call that runs come when the test says so, as over a slow connection. */
class LateStore extends MemoryStore {
  readonly #late: (() => void)[] = [];
  readonly #holds = new Map<string, number>();
  /** The call that waits for replies. */
  #slow: string | undefined;

  get isAsked(): boolean {
    return this.#late.length > 0;
  }

  /** How often other calls have renewed what they hold. */
  get renewals(): number {
    return Array.from(this.#holds, ([id, times]) => (id === this.#slow ? 0 : times - 1)).reduce((sum, times) => sum + times, 0);
  }

  override hold(id: string, holds: Parameters<MemoryStore["hold"]>[1]): HoldResult | Promise<HoldResult> {
    this.#slow ??= id;
    const times = (this.#holds.get(id) ?? 0) + 1;
    this.#holds.set(id, times);
    // No lease lapses, however slow the machine is.
    const result = super.hold(id, holds, 600_000);
    if (id !== this.#slow || times === 1) return result;
    return new Promise((resolve) => this.#late.push(() => resolve(result)));
  }

  reply(): void {
    for (const reply of this.#late.splice(0)) reply();
  }
}

const words = (count: number): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: " word".repeat(count) } }] })}\n\n`;

forEachHost((host) => {
  test("what a store has granted to a stream is not given back while its reply is on its way", async (t) => {
    const store = new LateStore();
    t.after(() => store.close());
    const responses: ServerResponse[] = [];
    const app = await serveBudget(t, host, { store, leaseMs: 1_000, unknownMax: { reserve: 100, block: 20 } }, (res) => {
      responses.push(res);
      if (responses.length > 1) return;
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      res.write(words(95));
    });
    const stream = call(app.url, { stream: true });
    await eventually(() => store.isAsked, "the stream asks for more");
    const { held } = store.list()[0] ?? assert.fail("nothing is held");
    const other = call(app.url, { max_tokens: 1 }, "ben");
    await eventually(() => store.renewals >= 2, "all calls were renewed");
    assert.equal(store.list({ key: "ann" })[0]?.held, held);
    store.reply();
    for (const res of responses) res.end();
    await (await stream).text();
    await (await other).text();
    await eventually(() => store.list().every((account) => account.held === 0), "nothing is held any more");
  });
});
