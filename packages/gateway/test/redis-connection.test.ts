import assert from "node:assert/strict";
import { test } from "node:test";

import { RedisConnection } from "../src/state/redis-connection.ts";

/** Clients that a test lets respond, and a clock that it moves. */
function connection() {
  const opened: { closed: boolean }[] = [];
  const state = { nowMs: 0, respond: async (): Promise<unknown> => "OK" };
  const open = () => {
    const client = {
      closed: false,
      connect: async () => undefined,
      sendCommand: () => state.respond(),
      destroy: () => void (client.closed = true),
    };
    opened.push(client);
    return client;
  };
  return { opened, state, made: new RedisConnection(open, () => state.nowMs) };
}

const never = (): Promise<unknown> => new Promise(() => undefined);
const refused = (message: string) => async (): Promise<unknown> => {
  throw new Error(message);
};

test("a client that is silent for three seconds is replaced with the next command, and not before", async () => {
  const { opened, state, made } = connection();
  state.respond = never;
  for (const nowMs of [0, 1_000, 2_999]) {
    state.nowMs = nowMs;
    void made.sendCommand(["PING"]);
  }
  assert.equal(opened.length, 1);
  state.nowMs = 3_000;
  void made.sendCommand(["PING"]);
  assert.deepEqual(
    opened.map(({ closed }) => closed),
    [true, false],
  );
  state.nowMs = 5_999;
  void made.sendCommand(["PING"]);
  assert.equal(opened.length, 2, "the next one has three seconds too");
});

test("a reply of any kind from a primary is a sign of life, after however long a silence without commands", async () => {
  const { opened, state, made } = connection();
  for (const respond of [async () => "OK", refused("NOSCRIPT No matching script"), refused("OOM command not allowed")]) {
    state.respond = respond;
    await made.sendCommand(["PING"]).catch(() => undefined);
    state.nowMs += 3_600_000;
  }
  assert.equal(opened.length, 1);
});

test("a replica, and a connection that fails, are none", async () => {
  for (const message of ["READONLY You can't write against a read only replica.", "MASTERDOWN Link with MASTER is down", "Socket closed"]) {
    const { opened, state, made } = connection();
    state.respond = refused(message);
    await assert.rejects(made.sendCommand(["PING"]));
    state.nowMs = 3_000;
    await assert.rejects(made.sendCommand(["PING"]));
    assert.equal(opened.length, 2, message);
  }
});
