import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";

import { checkHead } from "@aivillage/http-server";
import { compose, toListener } from "@aivillage/middleware";

import { coding, host, malformedHeads } from "./malformed-heads.ts";
import { serve } from "./support.ts";

/** Everything that comes back until the server closes; rejects when it does not. */
function until(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => socket.write(bytes, "latin1"));
    socket.setTimeout(30_000, () => socket.destroy(new Error(`the connection stayed open after ${JSON.stringify(received)}`)));
    socket.setEncoding("latin1").on("data", (text: string) => (received += text));
    socket.on("error", reject).on("end", () => {
      socket.destroy();
      resolve(received);
    });
  });
}

const respond = toListener((_req, res) => void res.end("served"));

describe("a malformed head is a 400 problem, and then the end of the connection", { concurrency: 4 }, () => {
  for (const [name, version, rest] of malformedHeads) {
    test(name, async (t) => {
      let handled = 0;
      const { port } = await serve(t, (_req, res) => void res.end(String((handled += 1))), { headers: { "X-Frame-Options": "DENY" } });
      const text = await until(port, `POST / HTTP/${version}\r\n${rest}GET / HTTP/1.1\r\nHost: h\r\n\r\n`);
      assert.match(text, /^HTTP\/1\.1 400 Bad Request\r\n/, text);
      assert.equal(text.match(/HTTP\/1\.1 \d/g)?.length, 1, "nothing that follows is handled");
      for (const line of [
        "Content-Type: application/problem\\+json",
        "Connection: close",
        "X-Request-Id: [\\w-]{36}",
        "X-Frame-Options: DENY",
      ])
        assert.match(text, new RegExp(`^${line}\r$`, "im"));
      assert.match(text, /"type":"https:[^"]+\/problems\/malformed-request\.md"/);
      assert.equal(handled, 0);
    });
  }
});

test("well-formed hosts are served", async (t) => {
  const { port } = await serve(t, respond);
  for (const value of ["h", "a.example:8000", "a:", "[::1]", "[2001:db8::1]:443", "127.0.0.1", "a_b.example", "a%2Db", "A.EXAMPLE."]) {
    const text = await until(port, `GET / HTTP/1.1\r\nConnection: close\r\n${host(value)}\r\n`);
    assert.match(text, /^HTTP\/1\.1 200 /, value);
  }
});

test("a `Transfer-Encoding: chunked` in any case is served", async (t) => {
  const { port } = await serve(t, respond);
  const text = await until(port, `POST / HTTP/1.1\r\nConnection: close\r\n${coding("Transfer-Encoding: CHUNKED")}`);
  assert.match(text, /^HTTP\/1\.1 200 /);
});

test("a malformed host in the request target is refused, and a valid one replaces the header", async (t) => {
  const { port } = await serve(t, (req, res) => void res.end(`host=${req.headers.host}`));
  for (const target of ["http://a,b/", "http://[::1/", "http://a:99999/"])
    assert.match(await until(port, `GET ${target} HTTP/1.1\r\nConnection: close\r\nHost: a\r\n\r\n`), /^HTTP\/1\.1 400 /, target);
  assert.match(await until(port, "GET http://b:1/ HTTP/1.1\r\nConnection: close\r\nHost: a\r\n\r\n"), /host=b:1$/);
});

test("no header is overlooked, however many there are", async (t) => {
  const { port } = await serve(t, respond);
  const text = await until(port, `GET / HTTP/1.1\r\n${"a:\r\n".repeat(3_000)}Host: a\r\nHost: b\r\n\r\n`);
  assert.match(text, /^HTTP\/1\.1 400 /);
});

test("HTTP/1.0 needs no Host, and its expectations are ignored", async (t) => {
  const { port } = await serve(t, respond);
  assert.match(await until(port, "GET / HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 200 /);
  assert.match(await until(port, "GET / HTTP/1.0\r\nExpect: foo\r\n\r\n"), /^HTTP\/1\.1 200 /);
});

test("an expectation that nothing can meet is 417", async (t) => {
  const { port } = await serve(t, respond);
  for (const expect of ["foo", "100-continue, foo"]) {
    const text = await until(port, `POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: ${expect}\r\nContent-Length: 9\r\n\r\n`);
    assert.match(text, /^HTTP\/1\.1 417 [^]*application\/problem\+json/);
  }
});

test("with `checkHead: false` every head reaches the handler, which can check it itself", async (t) => {
  const seen: (string | undefined)[] = [];
  const handler = compose((req, _res, next) => {
    seen.push(req.headers.host);
    next();
  }, checkHead);
  const { port } = await serve(t, toListener(handler), { checkHead: false });
  assert.match(await until(port, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), /^HTTP\/1\.1 400 /);
  assert.match(await until(port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: foo\r\n\r\n"), /^HTTP\/1\.1 417 /);
  assert.deepEqual(seen, ["a b", "a"]);
});
