import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener, ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { describe, type TestContext, test } from "node:test";

import { eventually } from "@aivillage/testing";

import { loadConfig, startGateway } from "../../gateway/src/index.ts";
import type { ConnectionLimitSettings } from "../src/connections/connection-limits.ts";
import { makeServer } from "../src/http-server.ts";
import type { ConnectionLimited } from "../src/events.ts";
import { startTestGateway } from "../../gateway/test/start-test-gateway.ts";

const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

async function serve(t: TestContext, settings: Partial<ConnectionLimitSettings>, handler: RequestListener = (_req, res) => void res.end()) {
  const reached: string[] = [];
  const limits = { total: 4, perAddress: 4, isTrusted: () => false, ...settings };
  const onLimited = ({ limit, action }: ConnectionLimited) => void reached.push(`${limit} ${action}`);
  const server = makeServer(handler, { limits, onLimited }).listen(0, "127.0.0.1");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

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
    const { open } = await serve(t, { total: 2 });
    const slow = await open("127.0.0.3", "GET / HTTP/1.1\r\nHost:");
    const closed = once(slow, "close");
    await open("127.0.0.3");
    const newcomer = await open("127.0.0.4");
    await closed;
    assert.ok(isOpen(newcomer));
  });

  test("one whose request is being handled stays, and without an idle one the new one is refused", async (t) => {
    const begun: ServerResponse[] = [];
    const { open, reached } = await serve(t, { total: 2 }, (_req, res) => void begun.push(res));
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
    const { open, reached } = await serve(t, { total: 2, isTrusted: (address) => address === "127.0.0.9" });
    const proxied = [await open("127.0.0.9"), await open("127.0.0.9")] as const;
    assert.ok(!isOpen(await open("127.0.0.4")));
    assert.ok(proxied.every(isOpen));
    const closed = once(proxied[0], "close");
    assert.ok(isOpen(await open("127.0.0.9")));
    await closed;
    assert.deepEqual(reached, ["total refused", "total evicted"]);
  });

  test("those of one trusted proxy make room for another trusted one, after all that are not trusted", async (t) => {
    const { open } = await serve(t, { total: 3, isTrusted: (address) => address !== "127.0.0.4" });
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
    const { open } = await serve(t, { total: 2, isTrusted: (address) => isTrusted && address === "127.0.0.9" });
    const held = [await open("127.0.0.9"), await open("127.0.0.9")] as const;
    isTrusted = false;
    const closed = once(held[0], "close");
    assert.ok(isOpen(await open("127.0.0.4")));
    await closed;
  });
});

describe("when one address has as many connections as it may", () => {
  test("its longest idle one makes room, and other addresses lose none", async (t) => {
    const { open, reached } = await serve(t, { total: 100, perAddress: 2 });
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
    const { open, reached } = await serve(t, { total: 100, perAddress: 1 }, (_req, res) => void begun.push(res));
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
    const { open, reached } = await serve(t, { total: 10, perAddress: 1, isTrusted: () => true });
    assert.ok([await open("127.0.0.9"), await open("127.0.0.9"), await open("127.0.0.9")].every(isOpen));
    assert.deepEqual(reached, []);
  });

  test("closed connections count no more", async (t) => {
    const { open, reached } = await serve(t, { total: 2, perAddress: 1 });
    for (let turn = 0; turn < 5; turn += 1) {
      const socket = await open("127.0.0.3");
      const closed = once(socket, "close");
      socket.end();
      await closed;
    }
    assert.ok(reached.length <= 5 && reached.every((one) => one === "address evicted"));
  });
});

test("the settings reach the server, and what they do is counted and logged", async () => {
  await using gateway = await startTestGateway({ MAX_CONNECTIONS: "100", MAX_CONNECTIONS_PER_ADDRESS: "2" });
  const first = connect({ port: gateway.port, host: "127.0.0.1", localAddress: "127.0.0.7" });
  await once(first, "connect");
  const closed = once(first, "close");
  for (let more = 0; more < 2; more += 1) {
    const socket = connect({ port: gateway.port, host: "127.0.0.1", localAddress: "127.0.0.7" });
    await once(socket, "connect");
    socket.on("error", () => undefined).unref();
  }
  await closed;
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  assert.match(text, /^gateway_connection_limits_total\{limit="address",action="evicted"\} [1-9]/m);
  assert.ok(gateway.log.some(({ message, limit }) => message === "connection limit reached" && limit === "address"));
});

test("a reload changes who is trusted for connections too", async (t) => {
  const env = { GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0", MAX_CONNECTIONS_PER_ADDRESS: "2" };
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const { gateway, port, ...started } = await startGateway(loadConfig({ env }), { logger: quiet, drainMs: 0 });
  t.after(() => started.close());
  const openThree = async (): Promise<Socket[]> => {
    const sockets = Array.from({ length: 3 }, () => connect({ port, host: "127.0.0.1" }).on("error", () => undefined));
    for (const socket of sockets) t.after(() => socket.destroy());
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    return sockets;
  };
  const bounded = await openThree();
  await eventually(() => bounded.filter(({ closed }) => closed).length === 1, "one is closed");
  gateway.reload(loadConfig({ env: { ...env, TRUSTED_PROXIES: "127.0.0.1" } }));
  const trusted = await openThree();
  for (const socket of trusted) socket.write("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
  await Promise.all(trusted.map((socket) => Promise.race([once(socket, "data"), once(socket, "close")])));
  assert.ok(trusted.every(isOpen));
});
