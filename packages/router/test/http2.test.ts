import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";

import { toListener } from "@aivillage/middleware";

import { router } from "../src/index.ts";

test("the routes of a host serve its requests of HTTP/2", async (t) => {
  const routes = router({
    routes: { "/": { GET: (_req, res) => void res.end("all hosts") } },
    hosts: { "admin.example": { "/": { GET: (_req, res) => void res.end("admin") } } },
  });
  // The requests of the compatibility API resemble those of `node:http`, but not for the compiler.
  const server = createServer({}, toListener(routes) as unknown as (...args: unknown[]) => void);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => {
    session.destroy();
    server.close();
  });
  assert.equal(await text(session.request({ ":authority": "admin.example:8443", ":path": "/" })), "admin");
  assert.equal(await text(session.request({ ":authority": "other.example", ":path": "/" })), "all hosts");
});
