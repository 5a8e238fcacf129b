import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, test } from "node:test";

import { eventually, needsRedis, type RunningRedis, startRedis } from "@aivillage/testing";

import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

/** A name that leads to a Redis, and later to another one: connections that there are stay where they lead. */
interface RedisName extends AsyncDisposable {
  readonly port: number;
  leadTo(redis: RunningRedis): void;
  /** No byte of the connections that there are goes on, as after the end of a machine or a link. */
  silence(): void;
}

async function startName(redis: RunningRedis): Promise<RedisName> {
  let { port } = redis;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => undefined).pipe(to);
      from.once("close", () => to.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (other) => void ({ port } = other),
    silence: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Sends requests until the log has the line. */
async function asksUntil(gateway: TestGateway, message: string): Promise<void> {
  const isLogged = async (): Promise<boolean> => {
    await (await fetch(`${gateway.url}/`)).arrayBuffer();
    return gateway.log.some((line) => line.message === message);
  };
  await eventually(isLogged, message);
}

const keysOf = async (redis: RunningRedis): Promise<number> => Number(await redis.command("DBSIZE"));

describe("when another Redis takes over", needsRedis, () => {
  test("a machine that is gone without a word keeps no gateway from the Redis that the name leads to", async () => {
    await using first = await startRedis();
    await using second = await startRedis();
    await using name = await startName(first);
    await using gateway = await startTestGateway({ REDIS_URL: `redis://127.0.0.1:${name.port}` });
    await fetch(`${gateway.url}/`);
    await eventually(async () => (await keysOf(first)) > 0, "the first counts");
    name.leadTo(second);
    name.silence();
    await asksUntil(gateway, "rate limit store is down");
    await asksUntil(gateway, "rate limit store is back");
    await eventually(async () => {
      await (await fetch(`${gateway.url}/`)).arrayBuffer();
      return (await keysOf(second)) > 0;
    }, "the second counts");
  });

  test("a primary that has become a replica, and keeps its connections, is left for the new one", async () => {
    await using first = await startRedis();
    await using second = await startRedis();
    await using name = await startName(first);
    await using gateway = await startTestGateway({ REDIS_URL: `redis://127.0.0.1:${name.port}` });
    await fetch(`${gateway.url}/`);
    name.leadTo(second);
    await first.command("REPLICAOF", "127.0.0.1", String(second.port));
    await asksUntil(gateway, "rate limit store is down");
    assert.match(String(gateway.log.find(({ message }) => message === "rate limit store is down")?.["reason"]), /^READONLY/);
    await asksUntil(gateway, "rate limit store is back");
  });
});
