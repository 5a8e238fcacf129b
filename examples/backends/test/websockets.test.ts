import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { type WebSocket, WebSocketServer, WebSocket as Client } from "ws";

import { key, listenOn, startExample } from "./support.ts";

const messages = 10_000;

test("10,000 messages pass in each direction between a client and a service of the package ws", async (t) => {
  const server = createServer();
  new WebSocketServer({ server }).on("connection", (client) => client.on("message", (data) => client.send(data)));
  const gateway = await startExample(t, { WS_URL: await listenOn(t, server) });
  const client = new Client(`${gateway.url.replace("http", "ws")}/v1/live`, { headers: { authorization: `Bearer ${key}` } });
  await once(client, "open");
  let received = 0;
  let inOrder = true;
  client.on("message", (data: Buffer) => {
    inOrder &&= data.toString() === `message ${received}`;
    received += 1;
  });
  for (let count = 0; count < messages; count += 1) client.send(`message ${count}`);
  await eventually(() => received === messages, "all come back", { state: () => received });
  assert.ok(inOrder);
  client.close(1_000, "done");
  const [code] = (await once(client, "close")) as [number];
  assert.equal(code, 1_000);
});

test("when the service is killed, the client sees an abnormal closure at once", async (t) => {
  const server = createServer();
  const clients: WebSocket[] = [];
  new WebSocketServer({ server }).on("connection", (client) => clients.push(client));
  const gateway = await startExample(t, { WS_URL: await listenOn(t, server) });
  const client = new Client(`${gateway.url.replace("http", "ws")}/v1/live`, { headers: { authorization: `Bearer ${key}` } });
  await once(client, "open");
  const closed = once(client, "close");
  for (const each of clients) each.terminate();
  const [code] = (await closed) as [number];
  assert.equal(code, 1_006);
});

test("the code and reason with which a service closes reach the client", async (t) => {
  const server = createServer();
  new WebSocketServer({ server }).on("connection", (client) => client.close(4_003, "no place"));
  const gateway = await startExample(t, { WS_URL: await listenOn(t, server) });
  const client = new Client(`${gateway.url.replace("http", "ws")}/v1/live`, { headers: { authorization: `Bearer ${key}` } });
  const [code, reason] = (await once(client, "close")) as [number, Buffer];
  assert.deepEqual([code, reason.toString()], [4_003, "no place"]);
});

test("socket.io begins with long polling, changes to WebSocket, and 10,000 messages pass in each direction", async (t) => {
  const server = createServer();
  const service = new Server(server, { addTrailingSlash: false });
  service.on("connection", (socket) => socket.on("message", (count: number) => socket.emit("echo", count)));
  const gateway = await startExample(t, { SOCKET_IO_URL: await listenOn(t, server) });
  const client = io(gateway.url, { reconnection: false, addTrailingSlash: false });
  t.after(() => {
    client.disconnect();
    return service.close();
  });
  await new Promise<void>((resolve, reject) => void client.on("connect", resolve).on("connect_error", reject));
  const { engine } = client.io;
  await eventually(() => engine.transport.name === "websocket", "it changes to WebSocket");
  let sum = 0;
  let received = 0;
  client.on("echo", (count: number) => {
    sum += count;
    received += 1;
  });
  for (let count = 0; count < messages; count += 1) client.emit("message", count);
  await eventually(() => received === messages, "all come back", { state: () => received });
  assert.equal(sum, (messages * (messages - 1)) / 2);
  const ended = new Promise((resolve) => client.on("disconnect", resolve));
  service.engine.close();
  assert.match(String(await ended), /transport close|io server disconnect|transport error/);
});
