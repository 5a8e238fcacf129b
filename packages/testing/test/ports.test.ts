import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { test } from "node:test";

import { deadUrl, freePort, startDownstream, eventually } from "../src/index.ts";

/** `connected`, or the code of the error. */
async function tryPort(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const outcome = await once(socket, "connect").then(
    () => "connected",
    ({ code }: NodeJS.ErrnoException) => String(code),
  );
  socket.destroy();
  return outcome;
}

/** The ports that so many servers get which ask for any. */
async function portsOfServers(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

test("a dead URL refuses every connection, and its port goes to nobody who asks for any", async () => {
  const port = Number(new URL(await deadUrl()).port);
  assert.ok(!(await portsOfServers(500)).includes(port));
  for (let attempt = 0; attempt < 20; attempt += 1) assert.equal(await tryPort(port), "ECONNREFUSED");
});

test("a server that goes away cuts what is open and refuses what comes after", async () => {
  const server = await startDownstream({ hang: true });
  const cut = assert.rejects(fetch(server.url));
  await eventually(() => server.received.length === 1, "the request is there");
  await server.goAway();
  await cut;
  assert.equal(await tryPort(server.port), "ECONNREFUSED");
  await server[Symbol.asyncDispose]();
  assert.equal(await tryPort(server.port), "ECONNREFUSED");
});

test("a free port is free, and is another one each time", async () => {
  const ports = [await freePort(), await freePort(), await freePort()];
  assert.equal(new Set(ports).size, 3);
  for (const port of ports) {
    assert.equal(await tryPort(port), "ECONNREFUSED");
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    assert.equal(await tryPort(port), "connected");
    server.close();
  }
});
