import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener, ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, type TestContext, test } from "node:test";

import type { HttpServerOptions } from "@aivillage/http-server";
import { eventually } from "@aivillage/testing";

import { serve as serveWith } from "./support.ts";

const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

async function serve(t: TestContext, options: HttpServerOptions, handler: RequestListener = (_req, res) => void res.end()) {
  const { port, reached } = await serveWith(t, handler, { maxConnections: 4, maxConnectionsPerAddress: 4, ...options });

  /** Connects from an address, sends the text, and waits for a response to a whole request. */
  async function open(localAddress: string, text = request): Promise<Socket> {
    const socket = connect({ port, host: "127.0.0.1", localAddress }, () => socket.write(text));
    socket.on("error", () => undefined);
    t.after(() => socket.destroy());
    if (text === request) await Promise.race([once(socket, "data"), once(socket, "close")]);
    else await once(socket, "connect");
    return socket;
  }
  return { reached, open };
}

const isOpen = (socket: Socket): boolean => !socket.destroyed && socket.readable;

describe("when all connections are taken", () => {
  test("the longest idle one of the address that holds the most makes room", async (t) => {
    const { open, reached } = await serve(t, {});
    const other = await open("127.0.0.2");
    const held = [await open("127.0.0.3"), await open("127.0.0.3"), await open("127.0.0.3")] as const;
    const closed = once(held[0], "close");
    const newcomer = await open("127.0.0.4");
    await closed;
    assert.ok([other, held[1], held[2], newcomer].every(isOpen));
    assert.deepEqual(reached, ["total evicted"]);
  });

  test("a connection that has not sent a whole head is idle", async (t) => {
    const { open } = await serve(t, { maxConnections: 2 });
    const slow = await open("127.0.0.3", "GET / HTTP/1.1\r\nHost:");
    const closed = once(slow, "close");
    await open("127.0.0.3");
    const newcomer = await open("127.0.0.4");
    await closed;
    assert.ok(isOpen(newcomer));
  });

  test("one whose request is being handled stays, and without an idle one the new one is refused", async (t) => {
    const begun: ServerResponse[] = [];
    const { open, reached } = await serve(t, { maxConnections: 2 }, (_req, res) => void begun.push(res));
    const busy = [await open("127.0.0.3", `${request} `), await open("127.0.0.3", `${request} `)];
    await eventually(() => begun.length === 2, "both requests");
    const refused = await open("127.0.0.4");
    assert.ok(!isOpen(refused));
    assert.ok(busy.every(isOpen));
    assert.deepEqual(reached, ["total refused"]);
  });

  test("of addresses that hold equally many the longest idle one makes room, and every newcomer is served", async (t) => {
    const { open, reached } = await serve(t, {});
    const all: Socket[] = [];
    for (let last = 1; last <= 40; last += 1) all.push(await open(`127.0.1.${last}`));
    await eventually(() => all.filter(isOpen).length === 4, "four are left");
    assert.ok(all.slice(-4).every(isOpen));
    assert.deepEqual(new Set(reached), new Set(["total evicted"]));
  });

  test("those of trusted proxies make room for each other only", async (t) => {
    const { open, reached } = await serve(t, { maxConnections: 2, isTrustedPeer: (address) => address === "127.0.0.9" });
    const proxied = [await open("127.0.0.9"), await open("127.0.0.9")] as const;
    assert.ok(!isOpen(await open("127.0.0.4")));
    assert.ok(proxied.every(isOpen));
    const closed = once(proxied[0], "close");
    assert.ok(isOpen(await open("127.0.0.9")));
    await closed;
    assert.deepEqual(reached, ["total refused", "total evicted"]);
  });

  test("those of one trusted proxy make room for another trusted one, after all that are not trusted", async (t) => {
    const { open } = await serve(t, { maxConnections: 3, isTrustedPeer: (address) => address !== "127.0.0.4" });
    const crowd = [await open("127.0.0.8"), await open("127.0.0.8")] as const;
    const untrusted = await open("127.0.0.4");
    const first = once(untrusted, "close");
    assert.ok(isOpen(await open("127.0.0.9")));
    await first;
    assert.ok(crowd.every(isOpen));
    const second = once(crowd[0], "close");
    assert.ok(isOpen(await open("127.0.0.10")));
    await second;
    assert.ok(isOpen(crowd[1]));
  });

  test("those of a proxy that is trusted no more make room like others", async (t) => {
    let isTrusted = true;
    const { open } = await serve(t, { maxConnections: 2, isTrustedPeer: (address) => isTrusted && address === "127.0.0.9" });
    const held = [await open("127.0.0.9"), await open("127.0.0.9")] as const;
    isTrusted = false;
    const closed = once(held[0], "close");
    assert.ok(isOpen(await open("127.0.0.4")));
    await closed;
  });
});

describe("when one address has as many connections as it may", () => {
  test("its longest idle one makes room, and other addresses lose none", async (t) => {
    const { open, reached } = await serve(t, { maxConnections: 100, maxConnectionsPerAddress: 2 });
    const other = await open("127.0.0.2");
    const held = [await open("127.0.0.3"), await open("127.0.0.3")] as const;
    const closed = once(held[0], "close");
    const newcomer = await open("127.0.0.3");
    await closed;
    assert.ok([other, held[1], newcomer].every(isOpen));
    assert.deepEqual(reached, ["address evicted"]);
  });

  test("a new one is refused while all of them are busy", async (t) => {
    const begun: ServerResponse[] = [];
    const { open, reached } = await serve(t, { maxConnections: 100, maxConnectionsPerAddress: 1 }, (_req, res) => void begun.push(res));
    await open("127.0.0.3", `${request} `);
    await eventually(() => begun.length === 1, "the request");
    assert.ok(!isOpen(await open("127.0.0.3")));
    const elsewhere = open("127.0.0.4");
    await eventually(() => begun.length === 2, "the other address is served");
    begun[1]?.end();
    assert.ok(isOpen(await elsewhere));
    assert.deepEqual(reached, ["address refused"]);
  });

  test("a trusted proxy has only the total as its limit", async (t) => {
    const { open, reached } = await serve(t, { maxConnections: 10, maxConnectionsPerAddress: 1, isTrustedPeer: () => true });
    assert.ok([await open("127.0.0.9"), await open("127.0.0.9"), await open("127.0.0.9")].every(isOpen));
    assert.deepEqual(reached, []);
  });

  test("closed connections count no more", async (t) => {
    const { open, reached } = await serve(t, { maxConnections: 2, maxConnectionsPerAddress: 1 });
    for (let turn = 0; turn < 5; turn += 1) {
      const socket = await open("127.0.0.3");
      const closed = once(socket, "close");
      socket.end();
      await closed;
    }
    assert.ok(reached.length <= 5 && reached.every((one) => one === "address evicted"));
  });
});
