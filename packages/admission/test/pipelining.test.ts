import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test } from "node:test";

import { compose, type Handler, toListener } from "@aivillage/middleware";
import { eventually, listen } from "@aivillage/testing";

import { admission } from "../src/index.ts";

test("however many requests a connection pipelines, it gets few listeners, and its end frees all slots", async (t) => {
  const made = admission({ limits: [{ name: "all", max: 100 }] });
  const sockets = new Set<Socket>();
  const hold: Handler = (req) => void sockets.add(req.socket);
  await using app = await listen(toListener(compose(made, hold)));
  const client = connect(Number(new URL(app.url).port), "127.0.0.1").on("error", () => undefined);
  t.after(() => client.destroy());
  client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(30));
  await eventually(() => made.state()[0]?.inFlight === 30, "all hold a slot");
  // Node warns of a leak from eleven on.
  for (const socket of sockets) assert.ok(socket.listenerCount("close") <= 10, `${socket.listenerCount("close")} listeners`);
  client.destroy();
  await eventually(() => made.state()[0]?.inFlight === 0, "all slots are free");
});
