import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, constants, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { compose, toListener } from "@aivillage/middleware";
import { eventually } from "@aivillage/testing";

import { metrics, Registry } from "../src/index.ts";
import { parseExposition } from "./parse-exposition.ts";

test("a client of HTTP/2 that left while an earlier handler was waiting is counted once and never in flight", async (t) => {
  const registry = new Registry();
  let continued = 0;
  const handler = compose(
    (_req, res, next) => {
      res.once("close", () =>
        setImmediate(() => {
          next();
          continued += 1;
        }),
      );
      stream.close(constants.NGHTTP2_CANCEL);
    },
    metrics({ registry, defaultMetrics: false }),
    (_req, res) => void res.end(),
  );
  // The requests of the compatibility API resemble those of `node:http`, but not for the compiler.
  const server = createServer({}, toListener(handler) as unknown as (...args: unknown[]) => void);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => {
    session.destroy();
    server.close();
  });
  const stream = session.request({ ":path": "/" }).on("error", () => undefined);
  await eventually(() => continued === 1, "the request goes on");
  const now = parseExposition(await registry.metrics());
  assert.equal(now.value("gateway_requests_in_flight"), 0);
  assert.equal(now.value("gateway_requests_total", { method: "GET", endpoint: "unmatched", status: "499" }), 1);
});
