import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { rawRequest, eventually } from "@aivillage/testing";

import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly problem: Record<string, unknown>;
}

/** Takes an answer apart whose body is not in chunks. */
function parse(text: string): HttpResponse {
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const [line = "", ...fields] = head.split("\r\n");
  const pairs = fields.map((field): [string, string] => [field.slice(0, field.indexOf(":")), field.slice(field.indexOf(":") + 1)]);
  return { status: Number(line.slice(9, 12)), headers: new Headers(pairs), problem: JSON.parse(body) as Record<string, unknown> };
}

/** Fails unless it is a problem document with an id and the security headers of every other answer. */
async function assertWhole({ status, headers, problem }: HttpResponse, url: string): Promise<void> {
  assert.equal(headers.get("content-type"), "application/problem+json");
  assert.equal(problem["status"], status);
  assert.ok(String(problem["request_id"]).length > 8);
  assert.equal(headers.get("x-request-id"), problem["request_id"]);
  assert.equal(headers.get("cache-control"), "no-store");
  const other = await fetch(`${url}/livez`);
  await other.text();
  for (const name of ["content-security-policy", "strict-transport-security", "x-content-type-options", "x-frame-options"]) {
    assert.ok(other.headers.has(name), name);
    assert.equal(headers.get(name), other.headers.get(name), name);
  }
}

let gateway: TestGateway;
before(async () => {
  gateway = await startTestGateway();
});
after(() => gateway[Symbol.asyncDispose]());

describe("a head that HTTP/1.1 has refused", () => {
  const cases = [
    ["no Host", "GET /livez HTTP/1.1\r\n\r\n", 400, "/livez"],
    ["no Host, though the target names one", "GET http://h/livez HTTP/1.1\r\n\r\n", 400, "/livez"],
    ["no Host, on a path that is not there", "GET /nothing HTTP/1.1\r\n\r\n", 400, "/nothing"],
    ["an expectation nobody knows", "GET /livez HTTP/1.1\r\nHost: h\r\nExpect: foo\r\n\r\n", 417, "/livez"],
    ["one among two", "POST /v1/query HTTP/1.1\r\nHost: h\r\nExpect: 100-continue, foo\r\nContent-Length: 9\r\n\r\n", 417, "/v1/query"],
  ] as const;
  for (const [name, bytes, status, path] of cases) {
    test(`gets an ordinary error response: ${name}`, async () => {
      const response = parse(await rawRequest(gateway.port, bytes));
      assert.equal(response.status, status);
      await assertWhole(response, gateway.url);
      const isLogged = () => gateway.log.some((line) => line["request_id"] === response.problem["request_id"] && line["path"] === path);
      await eventually(isLogged, "the log line");
    });
  }

  test("a missing Host ends the connection, and later requests on it get no response", async () => {
    const text = await rawRequest(gateway.port, "GET /livez HTTP/1.1\r\n\r\nGET /livez HTTP/1.1\r\nHost: h\r\n\r\n");
    assert.equal(text.match(/^HTTP\/1\.1 \d/gm)?.length, 1);
    assert.equal(parse(text).headers.get("connection"), "close");
    assert.match(String(parse(text).problem["type"]), /problems\/malformed-request\.md$/);
  });
});

describe("what is no request at all", () => {
  const cases = [
    ["nonsense", "\x16\x03\x01\x02\x00\x01", 400],
    ["a head that is too large", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431],
    ["a tunnel without a host", "CONNECT example.org:443 HTTP/1.1\r\n\r\n", 400],
    ["a tunnel with a malformed host", "CONNECT example.org:443 HTTP/1.1\r\nHost: a@b\r\n\r\n", 400],
    ["a tunnel with an unknown coding", "CONNECT example.org:443 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 400],
    ["a tunnel", "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n", 405],
  ] as const;
  for (const [name, bytes, status] of cases) {
    test(`gets an id and the security headers: ${name}`, async () => {
      const first = parse(await rawRequest(gateway.port, bytes));
      const second = parse(await rawRequest(gateway.port, bytes));
      assert.equal(first.status, status);
      await assertWhole(first, gateway.url);
      assert.equal(first.headers.get("connection"), "close");
      assert.ok(Math.abs(Date.parse(first.headers.get("date") ?? "") - Date.now()) < 60_000);
      assert.notEqual(first.problem["request_id"], second.problem["request_id"]);
    });
  }
});
