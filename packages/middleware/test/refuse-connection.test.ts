import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { connect } from "node:net";
import { describe, type TestContext, test } from "node:test";

import { HttpProblem, refuseConnection, type RefusalDetails } from "@aivillage/middleware";

async function refusal(t: TestContext, error: unknown, details?: RefusalDetails): Promise<string> {
  const server = createServer((socket: Socket) => refuseConnection(socket, error, details)).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const client = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1" });
  t.after(() => client.destroy());
  let received = "";
  client.setEncoding("utf8").on("data", (text: string) => (received += text));
  await once(client, "end");
  return received;
}

describe("refuseConnection()", () => {
  const problem = new HttpProblem({ status: 503, type: "service-unavailable", detail: "Try later.", headers: { "Retry-After": "5" } });

  test("writes the problem as a whole response and closes the connection", async (t) => {
    const text = await refusal(t, problem, { headers: { "X-Frame-Options": "DENY" }, requestId: "id-7" });
    const [head = "", body = ""] = text.split("\r\n\r\n");
    assert.match(head, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
    for (const line of ["Connection: close", "Retry-After: 5", "X-Frame-Options: DENY", "X-Request-Id: id-7", "Cache-Control: no-store"])
      assert.ok(head.split("\r\n").includes(line), line);
    assert.ok(head.includes(`Content-Length: ${Buffer.byteLength(body)}`));
    assert.match(head, /^Content-Type: application\/problem\+json/m);
    assert.match((JSON.parse(body) as { type: string }).type, /\/problems\/service-unavailable\.md$/);
    assert.equal((JSON.parse(body) as { request_id: string }).request_id, "id-7");
  });

  test("makes the type by `typeUri`", async (t) => {
    const text = await refusal(t, problem, { typeUri: "https://errors.example/{slug}" });
    assert.ok(text.includes('"type":"https://errors.example/service-unavailable"'));
  });

  test("reveals nothing of an unknown error, and leaves out a header that could break the head", async (t) => {
    const text = await refusal(t, new Error("hunter2"), { headers: { "X-Bad": "a\r\nX-Injected: 1", "Transfer-Encoding": "chunked" } });
    assert.match(text, /^HTTP\/1\.1 500 /);
    assert.doesNotMatch(text, /hunter2|X-Bad|X-Injected|Transfer-Encoding/);
  });
});
