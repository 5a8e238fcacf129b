import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { prepareClientOf } from "../src/clients/client-of.ts";

test("the option client comes first, then clientIp, then the socket", () => {
  const request = { socket: { remoteAddress: "192.0.2.9" } } as IncomingMessage;
  const clientIp = (): string => "2001:db8::1";
  assert.equal(prepareClientOf({ client: () => "alice", clientIp })(request), "alice");
  assert.equal(prepareClientOf({ client: () => undefined, clientIp })(request), "2001:db8::/56");
  assert.equal(prepareClientOf({ client: undefined, clientIp: () => undefined })(request), "192.0.2.9");
  const onSocket = { socket: {} } as IncomingMessage;
  assert.equal(prepareClientOf({ client: undefined, clientIp: undefined })(onSocket), "unknown");
});
