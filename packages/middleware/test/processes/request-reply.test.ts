import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MessageChannel } from "node:worker_threads";

import { hasMessageType, RequestReply } from "@aivillage/middleware";

/** Two ends whose messages pass a real channel. */
function pair(reply: (question: string) => unknown) {
  const { port1, port2 } = new MessageChannel();
  const type = "aivillage:test";
  const near = new RequestReply<string>({ type, send: (message) => port1.postMessage(message), reply: () => "near" });
  const far = new RequestReply<string>({ type, send: (message) => port2.postMessage(message), reply });
  port1.on("message", (message) => near.receive(message));
  port2.on("message", (message) => far.receive(message));
  const dispose = (): void => port1.close();
  return { near, far, [Symbol.dispose]: dispose };
}

const patienceMs = 60_000;

describe("RequestReply", () => {
  test("replies go to their questions, in both directions and in any order", async () => {
    const first = Promise.withResolvers<string>();
    using ends = pair((question) => (question === "first" ? first.promise : `${question}!`));
    const late = ends.near.ask<string>("first", patienceMs);
    assert.equal(await ends.near.ask("second", patienceMs), "second!");
    assert.equal(await ends.far.ask("anything", patienceMs), "near");
    first.resolve("first!");
    assert.equal(await late, "first!");
  });

  test("what the other side throws or rejects with becomes the error of the question", async () => {
    using ends = pair((question) => {
      if (question === "throw") throw new Error("it is broken");
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- other people's code does
      return Promise.reject("plain text");
    });
    await assert.rejects(ends.near.ask("throw", patienceMs), { message: "it is broken" });
    await assert.rejects(ends.near.ask("reject", patienceMs), { message: "plain text" });
  });

  test("a reply that came while the process was busy counts, although the deadline is over", async (t) => {
    const { port1, port2 } = new MessageChannel();
    t.after(() => port1.close());
    const type = "aivillage:test";
    const send = (message: object): void => port2.postMessage({ type, id: (message as { id: number }).id, reply: "in time" });
    const near = new RequestReply<string>({ type, send, reply: () => "near" });
    port1.on("message", (message) => near.receive(message));
    const deadlineMs = 5;
    const reply = near.ask("question", deadlineMs);
    const busyUntil = performance.now() + 2 * deadlineMs;
    while (performance.now() < busyUntil);
    assert.equal(await reply, "in time");
  });

  test("a question without a reply fails at its deadline, and a late reply changes nothing", async () => {
    const late = Promise.withResolvers<string>();
    using ends = pair((question) => (question === "late" ? late.promise : question));
    // Its timer holds no process, but the channel does.
    await assert.rejects(ends.near.ask("late", 1), { message: "no response within 1 ms" });
    late.resolve("too late");
    assert.equal(await ends.near.ask("next", patienceMs), "next");
  });

  test("closing an end rejects its open questions", async () => {
    using ends = pair(() => new Promise(() => undefined));
    const asked = ends.near.ask("anything", patienceMs);
    ends.near.close();
    await assert.rejects(asked, { message: "the other process is gone" });
  });

  test("messages of other types belong to somebody else", () => {
    using ends = pair(() => undefined);
    for (const message of [undefined, null, 1, "aivillage:test", {}, { type: "aivillage:other", id: 1, reply: 2 }]) {
      assert.equal(ends.near.receive(message), false);
    }
    assert.equal(ends.near.receive({ type: "aivillage:test", id: 99, reply: "nobody asked" }), true);
    assert.equal(hasMessageType({ type: "aivillage:test" }, "aivillage:test"), true);
  });
});
