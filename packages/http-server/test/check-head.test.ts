import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { startTestGateway, type TestGateway } from "../../gateway/test/start-test-gateway.ts";

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

const host = (...values: string[]): string => values.map((value) => `Host: ${value}\r\n`).join("");
const coding = (lines: string): string => `Host: h\r\n${lines}\r\n\r\n5\r\nhello\r\n0\r\n\r\n`;

const badHosts: Record<string, string> = {
  "no Host": "",
  "an empty Host": "Host:\r\n",
  "a Host of spaces": "Host:   \r\n",
  "two Hosts": host("a", "b"),
  "the same Host twice": host("a", "a"),
  "a Host in lower case and another": "host: a\r\nHOST: b\r\n",
  "a Host and an empty one": host("a", ""),
  userinfo: host("user@h"),
  "userinfo with a password": host("user:pass@h"),
  "an empty userinfo": host("@h"),
  "a space": host("a b"),
  "a tab": host("a\tb"),
  "a list": host("a, b"),
  "a list without a space": host("a,b"),
  "a port beyond 65535": host("a:65536"),
  "a port of six digits": host("a:000080"),
  "a port with letters": host("a:http"),
  "a negative port": host("a:-1"),
  "two ports": host("a:80:81"),
  "a port alone": host(":80"),
  "brackets around a name": host("[a]"),
  "brackets that do not close": host("[::1"),
  "brackets that do not open": host("::1]"),
  "an IPv6 address without brackets": host("::1"),
  "an IPv6 address with too many groups": host("[1:2:3:4:5:6:7:8:9]"),
  "an IPv6 address with a zone": host("[fe80::1%25eth0]"),
  "text after the brackets": host("[::1]a"),
  "empty brackets": host("[]"),
  "a path": host("a/b"),
  "a scheme": host("http://a"),
  "a query": host("a?b"),
  "a fragment": host("a#b"),
  "a backslash": host("a\\b"),
  quotes: host('"a"'),
  "angle brackets": host("<a>"),
  "a percent sign without digits": host("a%zz"),
  "a control character": host("a\x01b"),
  "a NUL": host("a\0b"),
  "a letter beyond ASCII": host("\xe4"),
  "a folded Host": "Host: a\r\n b\r\n",
  "a Host that begins on the next line": "Host:\r\n a\r\n",
  "a space before the colon": "Host : a\r\n",
};

const badCodings: Record<string, string> = {
  "an unknown coding": coding("Transfer-Encoding: foo"),
  "gzip before chunked": coding("Transfer-Encoding: gzip, chunked"),
  "chunked before gzip": coding("Transfer-Encoding: chunked, gzip"),
  "chunked twice": coding("Transfer-Encoding: chunked, chunked"),
  "chunked on two lines": coding("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
  identity: coding("Transfer-Encoding: identity"),
  "identity and chunked": coding("Transfer-Encoding: identity, chunked"),
  "an empty coding": coding("Transfer-Encoding:"),
  "a list without an entry": coding("Transfer-Encoding: ,chunked"),
  "a parameter": coding("Transfer-Encoding: chunked;q=1"),
  quotes: coding('Transfer-Encoding: "chunked"'),
  "a longer word": coding("Transfer-Encoding: xchunked"),
  "a shorter word": coding("Transfer-Encoding: chunke"),
  "a vertical tab": coding("Transfer-Encoding: \x0bchunked"),
  "a folded coding": coding("Transfer-Encoding:\r\n chunked"),
  "a coding folded in the middle": coding("Transfer-Encoding: chunked,\r\n gzip"),
  "a space before the colon": coding("Transfer-Encoding : chunked"),
  "a length before it": coding("Content-Length: 5\r\nTransfer-Encoding: chunked"),
  "a length after it": coding("Transfer-Encoding: chunked\r\nContent-Length: 5"),
};

const withHosts = Object.entries(badHosts).map(([name, lines]) => [`Host: ${name}`, "1.1", `${lines}\r\n`] as const);
const withCodings = Object.entries(badCodings).map(([name, rest]) => [`Transfer-Encoding: ${name}`, "1.1", rest] as const);
const heads = [
  ...withHosts,
  ...withCodings,
  ["Transfer-Encoding in HTTP/1.0", "1.0", coding("Transfer-Encoding: chunked")],
  ["a malformed Host in HTTP/1.0", "1.0", `${host("a b")}\r\n`],
  ["HTTP/1.2", "1.2", `${host("a")}\r\n`],
  ["HTTP/2.0", "2.0", `${host("a")}\r\n`],
] as const;

describe("a malformed head is a 400 problem with all headers, and then the end of the connection", { concurrency: 4 }, () => {
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
  for (const [name, version, rest] of heads) {
    test(name, async () => {
      for (const route of routes) {
        const following = "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n";
        const text = await until(gateway.port, `${route} HTTP/${version}\r\n${rest}${following}`);
        assert.match(text, /^HTTP\/1\.1 400 Bad Request\r\n/, `${route}: ${text}`);
        assert.equal(text.match(/HTTP\/1\.1 \d/g)?.length, 1, "nothing that follows is handled");
        for (const field of ["Content-Type: application/problem\\+json", "Connection: close", "X-Request-Id", "Strict-Transport-Security"])
          assert.match(text, new RegExp(`^${field}`, "im"), route);
        assert.match(text, /"type":"https:[^"]+\/problems\/malformed-request\.md"/);
      }
    });
  }

  const goodHosts = ["h", "a.example:8000", "a:", "[::1]", "[2001:db8::1]:443", "127.0.0.1", "a_b.example", "a%2Db", "A.EXAMPLE."];
  test("well-formed hosts are served on every route", async () => {
    for (const value of goodHosts) {
      const text = await until(gateway.port, `GET /livez HTTP/1.1\r\nHost: ${value}\r\nConnection: close\r\n\r\n`);
      assert.match(text, /^HTTP\/1\.1 200 /, value);
    }
  });

  test("chunks in any case are served", async () => {
    const text = await until(gateway.port, `POST /mine HTTP/1.1\r\nConnection: close\r\n${coding("Transfer-Encoding: CHUNKED")}`);
    assert.match(text, /^HTTP\/1\.1 200 /);
  });

  test("a malformed host in the request target is refused", async () => {
    for (const target of ["http://a,b/livez", "http://[::1/livez", "http://a:99999/livez"])
      assert.match(await until(gateway.port, `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`), /^HTTP\/1\.1 400 /, target);
  });

  test("headers beyond 2,000 are not overlooked", async () => {
    const many = "a:\r\n".repeat(3_000);
    const text = await until(gateway.port, `GET /livez HTTP/1.1\r\n${many}Host: a\r\nHost: b\r\n\r\n`);
    assert.match(text, /^HTTP\/1\.1 400 /);
  });
});
