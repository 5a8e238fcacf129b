import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";

import { accessLog, type AccessLogLine } from "@aivillage/access-log";
import { apiKeyAuth } from "@aivillage/api-key-auth";
import { metrics, Registry } from "@aivillage/metrics";
import { compose, getPendingUpgrade, type Handler, markResponseDelivered, toListener, upgradeListener } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";
import { WebSocket, WebSocketServer } from "ws";

const secret = "dev-gateway-key-12345";

/** WebSockets of the package `ws` behind a log, metrics and credentials, as the page about `middleware` shows. */
async function serveSockets(t: TestContext) {
  const line = Promise.withResolvers<AccessLogLine>();
  const write = (fields: object): void => line.resolve(fields as AccessLogLine);
  const registry = new Registry();
  const sockets = new WebSocketServer({ noServer: true });
  const echo: Handler = (req, res, next) => {
    const upgrade = getPendingUpgrade(req);
    if (upgrade === undefined) return next();
    sockets.handleUpgrade(req, upgrade.socket, upgrade.head, (client) => {
      res.statusCode = 101;
      markResponseDelivered(req);
      client.on("message", (message) => client.send(message));
    });
  };
  const log = accessLog({ logger: { info: write, warn: write, error: write } });
  const auth = apiKeyAuth({ keys: [{ id: "ada", secret }] });
  const app = toListener(compose(log, metrics({ registry, defaultMetrics: false }), auth, echo), problemDetails());
  const server = createServer(app).on("upgrade", upgradeListener(app)).listen(0, "127.0.0.1");
  t.after(() => (sockets.close(), server.closeAllConnections(), server.close()));
  await once(server, "listening");
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, line: line.promise, registry };
}

test("a WebSocket that a handler grants is logged and counted as 101 when it closes", async (t) => {
  const { url, line, registry } = await serveSockets(t);
  const client = new WebSocket(url, { headers: { Authorization: `Bearer ${secret}` } });
  await once(client, "open");
  client.send("hello");
  const [message] = (await once(client, "message")) as [Buffer];
  assert.equal(message.toString(), "hello");
  client.close();
  const { status, outcome } = await line;
  assert.deepEqual([status, outcome], [101, "completed"]);
  assert.match(await registry.metrics(), /gateway_requests_total\{method="GET",endpoint="unmatched",status="101"\} 1\n/);
  assert.match(await registry.metrics(), /gateway_requests_in_flight 0\n/);
});

test("a WebSocket without credentials is refused with a problem document", async (t) => {
  const { url, line } = await serveSockets(t);
  const client = new WebSocket(url).on("error", () => undefined);
  const [, response] = (await once(client, "unexpected-response")) as [unknown, IncomingMessage];
  response.resume();
  assert.equal(response.statusCode, 401);
  assert.equal(response.headers["content-type"], "application/problem+json");
  assert.equal((await line).status, 401);
});
