import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { test } from "node:test";

import { compose, getPendingUpgrade, type Handler, toListener, upgradeListener } from "@aivillage/middleware";
import { eventually } from "@aivillage/testing";

import { admission, type AdmissionHandler } from "../src/index.ts";

const upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/** One slot before a handler that switches protocols and echoes. */
async function serveEcho() {
  const made = admission({ limits: [{ name: "sockets", max: 1 }], queue: { maxWaitMs: 600_000 } });
  const echo: Handler = (req: IncomingMessage) => {
    const pending = getPendingUpgrade(req);
    if (pending === undefined) return;
    const { socket, head } = pending;
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    socket.write(head);
    socket.on("data", (chunk: Buffer) => socket.write(chunk)).on("end", () => socket.end());
  };
  const listener = toListener(compose(made, echo));
  const server = createServer(listener).on("upgrade", upgradeListener(listener));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sockets: Socket[] = [];
  return {
    made,
    /** A connection that has asked for its upgrade, and the text that it has received. */
    open: () => {
      const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => undefined);
      const client = { socket, text: "" };
      socket.on("data", (chunk: Buffer) => void (client.text += chunk.toString()));
      socket.write(upgrade);
      sockets.push(socket);
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const waiting = (made: AdmissionHandler): number => made.state()[0]?.waiting ?? -1;
const inFlight = (made: AdmissionHandler): number => made.state()[0]?.inFlight ?? -1;

for (const [how, leave] of [
  ["ends its connection", (socket: Socket) => void socket.end()],
  ["resets its connection", (socket: Socket) => void socket.resetAndDestroy()],
] as const) {
  test(`a client that ${how} while its upgrade waits frees its place`, async () => {
    await using app = await serveEcho();
    const first = app.open();
    await eventually(() => first.text.includes("101"), "the first has its upgrade");
    const second = app.open();
    await eventually(() => waiting(app.made) === 1, "the second waits");
    leave(second.socket);
    await eventually(() => waiting(app.made) === 0, "the place is free");
    first.socket.end();
    await eventually(() => inFlight(app.made) === 0, "no slot went to the one that left");
  });
}

test("what a client sends while its upgrade waits reaches the handler, complete and in order", async () => {
  await using app = await serveEcho();
  const first = app.open();
  await eventually(() => first.text.includes("101"), "the first has its upgrade");
  const second = app.open();
  await eventually(() => waiting(app.made) === 1, "the second waits");
  const sent = Array.from({ length: 20_000 }, (_, index) => `early ${index};`).join("");
  second.socket.write(sent);
  first.socket.end();
  await eventually(() => second.text.length > sent.length, "all has come back");
  second.socket.write("late");
  await eventually(() => second.text.endsWith("late"), "what follows comes back too");
  assert.equal(second.text.slice(second.text.indexOf("\r\n\r\n") + 4), `${sent}late`);
});
