import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { rawRequest } from "@aivillage/testing";

import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const chunks = "\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
// All kinds are tests of @aivillage/http-server.
const heads = {
  "no Host": "\r\n",
  "a malformed Host": "Host: a b\r\n\r\n",
  "an unknown coding": `Host: h\r\nTransfer-Encoding: foo${chunks}`,
  "a length beside a coding": `Host: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked${chunks}`,
};

describe("on every kind of route a malformed head is a 400 problem with all headers, and then the end of the connection", () => {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-heads-"));
  let gateway: TestGateway;
  before(async () => {
    const file = join(folder, "routes.yaml");
    writeFileSync(file, "routes:\n  - path: /v1/notes/{id}\n    public: true\n    upstream: [http://127.0.0.1:9]\n");
    gateway = await startTestGateway({ CONFIG_FILE: file, RATE_LIMIT_REQUESTS: "1000000" });
    gateway.gateway.app.all("/mine", (_req, res) => void res.send("mine"));
  });
  after(async () => {
    await gateway[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const routes = ["GET /livez", "POST /v1/query", "GET /v1/notes/1", "GET /mine", "GET /nothing", "PUT /healthz"];
  for (const [name, rest] of Object.entries(heads)) {
    test(name, async () => {
      for (const route of routes) {
        const following = "GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        const text = await rawRequest(gateway.port, `${route} HTTP/1.1\r\n${rest}${following}`);
        assert.match(text, /^HTTP\/1\.1 400 Bad Request\r\n/, `${route}: ${text}`);
        assert.equal(text.match(/HTTP\/1\.1 \d/g)?.length, 1, "nothing that follows is handled");
        for (const field of ["Content-Type: application/problem\\+json", "Connection: close", "X-Request-Id", "Strict-Transport-Security"])
          assert.match(text, new RegExp(`^${field}`, "im"), route);
        assert.match(text, /"type":"https:[^"]+\/problems\/malformed-request\.md"/);
      }
    });
  }

  test("a malformed host in the request target is refused", async () => {
    for (const target of ["http://a,b/livez", "http://[::1/livez", "http://a:99999/livez"]) {
      const text = await rawRequest(gateway.port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      assert.match(text, /^HTTP\/1\.1 400 /, target);
    }
  });
});
