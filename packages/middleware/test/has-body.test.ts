import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { hasBody } from "@aivillage/middleware";

test("on HTTP/2 a body needs no Content-Length", async (t) => {
  const server = createServer((req, res) => void res.end(String(hasBody(req as never))));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => (session.destroy(), server.close()));
  const responseTo = async (method: string, body?: string): Promise<string> => {
    const stream = session.request({ ":method": method, ":path": "/" }, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    return (await stream.setEncoding("utf8").toArray()).join("");
  };
  assert.equal(await responseTo("POST", "hello"), "true");
  assert.equal(await responseTo("GET"), "false");
  assert.equal(await responseTo("POST"), "false");
});
