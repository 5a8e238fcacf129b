import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";

import { loadConfig, startGateway } from "../src/index.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const isOpen = (socket: Socket): boolean => !socket.destroyed && socket.readable;

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

test("a connection that pipelines too much is counted and logged once in a while", async () => {
  await using gateway = await startTestGateway();
  const burst = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n".repeat(500);
  for (let turn = 0; turn < 3; turn += 1) {
    const socket = connect({ port: gateway.port, host: "127.0.0.1" }, () => socket.write(burst));
    socket.resume();
    await once(socket, "close");
  }
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  assert.match(text, /^gateway_connection_limits_total\{limit="pipelining",action="closed"\} 3$/m);
  assert.equal(gateway.log.filter(({ message }) => message === "connection limit reached").length, 1);
});
