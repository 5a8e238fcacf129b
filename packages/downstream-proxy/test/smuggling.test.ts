import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";

import { eventually, startDownstream, whenClosed } from "@aivillage/testing";

import { rawServer, serveProxy } from "./support.ts";

/** What an attacker hides behind the first request; it must never be taken for a request, by anybody. */
const hidden = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

const post = (fields: string, body = "") => `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${body}`;
const get = (line: string, fields = "Host: a\r\n") => `${line}\r\n${fields}\r\n`;

/** Requests that must be answered 400 on a connection that is then closed, and of which the target must not see a byte. */
const refused: Readonly<Record<string, string>> = {
  // RFC 9112, 6.1 to 6.3: framing
  "two lengths that differ": post("Content-Length: 3\r\nContent-Length: 40", "abc"),
  "two lengths that agree": post("Content-Length: 3\r\nContent-Length: 3", "abc"),
  "a list of lengths": post("Content-Length: 3, 3", "abc"),
  "a length with a sign": post("Content-Length: +3", "abc"),
  "a negative length": post("Content-Length: -3", "abc"),
  "a hexadecimal length": post("Content-Length: 0x3", "abc"),
  "an empty length": post("Content-Length:", "abc"),
  "a length beyond counting": post("Content-Length: 99999999999999999999999", "abc"),
  "a length with a space inside": post("Content-Length: 3 4", "abc"),
  "chunks and a length": post("Transfer-Encoding: chunked\r\nContent-Length: 3", "0\r\n\r\n"),
  "a length and chunks": post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
  "chunks twice, in two fields": post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
  "chunks twice, in a list": post("Transfer-Encoding: chunked, chunked", "0\r\n\r\n"),
  "chunks that are not the last coding": post("Transfer-Encoding: chunked, identity", "0\r\n\r\n"),
  "a coding below the chunks": post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"),
  "the coding identity": post("Transfer-Encoding: identity", "abc"),
  "an unknown coding": post("Transfer-Encoding: xchunked", "0\r\n\r\n"),
  "a quoted coding": post('Transfer-Encoding: "chunked"', "0\r\n\r\n"),
  "a coding behind a vertical tab": post("Transfer-Encoding: \u000bchunked", "0\r\n\r\n"),
  "an empty coding": post("Transfer-Encoding:", "abc"),
  "chunks in HTTP/1.0": `POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  // 5: fields
  "a space before the colon": post("Transfer-Encoding : chunked", "0\r\n\r\n"),
  "a space before the colon of Host": get("GET / HTTP/1.1", "Host : a\r\n"),
  "a folded line": get("GET / HTTP/1.1", "Host: a\r\nX: 1\r\n folded\r\n"),
  "a folded coding": post("Transfer-Encoding:\r\n chunked", "0\r\n\r\n"),
  "a line that begins with a space": get("GET / HTTP/1.1", " Host: a\r\n"),
  "a bare CR in a value": get("GET / HTTP/1.1", "Host: a\r\nX: 1\rTransfer-Encoding: chunked\r\n"),
  "a bare LF after a line": "POST / HTTP/1.1\r\nHost: a\r\nX: 1\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "bare LFs everywhere": "GET / HTTP/1.1\nHost: a\n\n",
  "a NUL in a value": get("GET / HTTP/1.1", "Host: a\r\nX: 1\0\r\n"),
  "a NUL in a name": get("GET / HTTP/1.1", "Host: a\r\nX\0: 1\r\n"),
  "an empty name": get("GET / HTTP/1.1", "Host: a\r\n: 1\r\n"),
  "a line without a colon": get("GET / HTTP/1.1", "Host: a\r\nX\r\n"),
  // 3.2 and RFC 9110, 7.2: Host
  "no Host": get("GET / HTTP/1.1", ""),
  "an empty Host": get("GET / HTTP/1.1", "Host:\r\n"),
  "two Hosts": get("GET / HTTP/1.1", "Host: a\r\nHost: b\r\n"),
  "the same Host twice": get("GET / HTTP/1.1", "Host: a\r\nhost: a\r\n"),
  "a Host with a user": get("GET / HTTP/1.1", "Host: user@a\r\n"),
  "a Host with a path": get("GET / HTTP/1.1", "Host: a/b\r\n"),
  "a Host with a query": get("GET / HTTP/1.1", "Host: a?b\r\n"),
  "a list of Hosts": get("GET / HTTP/1.1", "Host: a, b\r\n"),
  "a Host with a space": get("GET / HTTP/1.1", "Host: a b\r\n"),
  "a Host with a port that is no number": get("GET / HTTP/1.1", "Host: a:80x\r\n"),
  "a Host with a backslash": get("GET / HTTP/1.1", "Host: a\\b\r\n"),
  // 3: the request line
  "absolute form": get("GET http://evil.example/ HTTP/1.1"),
  "the asterisk form": get("OPTIONS * HTTP/1.1"),
  "an asterisk for GET": get("GET * HTTP/1.1"),
  "a fragment": get("GET /a#b HTTP/1.1"),
  "an encoded NUL": get("GET /a%00b HTTP/1.1"),
  "an encoded line break": get("GET /a%0d%0aX:1 HTTP/1.1"),
  "a backslash": get("GET /a\\..\\b HTTP/1.1"),
  "a path that leaves its root": get("GET /../etc HTTP/1.1"),
  "a path that is no path": get("GET //evil.example/ HTTP/1.1"),
  "a space in the target": get("GET /a b HTTP/1.1"),
  "a target of the higher half": get("GET /\u00e9 HTTP/1.1"),
  "a version that is none": get("GET / HTTP/1.2"),
  "a version in lower case": get("GET / http/1.1"),
  "HTTP/2 in the dress of HTTP/1": get("GET / HTTP/2.0"),
  "HTTP/0.9 with a version": get("GET / HTTP/0.9"),
  "HTTP/0.9 without one": "GET /\r\n\r\n",
  "a method that is none": get("G@T / HTTP/1.1"),
  "a space before the method": get(" GET / HTTP/1.1"),
};

/** Bodies that turn out to be broken after their head was passed on: the target sees one request, and never its end. */
const brokenBodies: Readonly<Record<string, string>> = {
  "a chunk size that is no number": "0x3\r\nabc\r\n0\r\n\r\n",
  "a chunk size with a sign": "+3\r\nabc\r\n0\r\n\r\n",
  "a chunk size beyond counting": "fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
  "a chunk that is longer than its size": "3\r\nabcd\r\n0\r\n\r\n",
  "a chunk extension with a bare LF": "3;a=\nb\r\nabc\r\n0\r\n\r\n",
  "bare LFs around a chunk": "3\nabc\n0\n\n",
  "a trailer with a space before its colon": "3\r\nabc\r\n0\r\nX : 1\r\n\r\n",
  "a last chunk with a bare LF": "3\r\nabc\r\n0\n\n",
};

/** Sends the bytes and waits until the server has closed the connection. */
async function sendUntilClosed(port: number, bytes: string): Promise<string> {
  const chunks: Buffer[] = [];
  const socket = connect(port, "127.0.0.1", () => socket.write(bytes, "latin1"));
  socket.on("data", (chunk) => chunks.push(chunk)).on("error", () => undefined);
  await whenClosed(socket);
  return Buffer.concat(chunks).toString("latin1");
}

const responsesIn = (text: string): string[] => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status ?? "");
const requestsIn = (text: string): string[] => [...text.matchAll(/^[A-Z]+ (\S*) HTTP\/1\.1\r$/gm)].map(([, target]) => target ?? "");

test(`${Object.keys(refused).length} malformed requests get 400 once, the connection is closed, and nothing is forwarded`, async () => {
  await using target = await rawServer((socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  await using app = await serveProxy({ target: target.url, retries: false });
  // Only the refusal may close a connection.
  app.server.keepAliveTimeout = 0;
  for (const [name, bytes] of Object.entries(refused)) {
    const response = await sendUntilClosed(app.port, bytes + hidden);
    assert.deepEqual(responsesIn(response), ["400"], name);
    assert.equal(target.text(), "", name);
  }
});

test("a body that turns out to be broken reaches the target as one request without an end", async () => {
  for (const [name, body] of Object.entries(brokenBodies)) {
    await using target = await rawServer();
    await using app = await serveProxy({ target: target.url, retries: false });
    app.server.keepAliveTimeout = 0;
    const response = await sendUntilClosed(app.port, post("Transfer-Encoding: chunked", body) + hidden);
    assert.ok(responsesIn(response).every((status) => status === "400") && responsesIn(response).length <= 1, name);
    await eventually(() => target.sockets.every(({ destroyed }) => destroyed), `${name}: the target sees the connection close`);
    const requests = requestsIn(target.text());
    assert.ok(requests.length <= 1 && requests.every((one) => one === "/"), name);
    assert.doesNotMatch(target.text(), /smuggled|\r\n0\r\n\r\n/, name);
  }
});

test("what is well formed arrives as exactly as many requests as were sent, reframed", async () => {
  const bytes = [
    post("Content-Length: 37", "GET /inner HTTP/1.1\r\nHost: inner\r\n\r\n."),
    post("transfer-encoding: Chunked ", "24\r\nGET /inner HTTP/1.1\r\nHost: inner\r\n\r\n\r\n0\r\n\r\n"),
    `\r\n${get("GET /last HTTP/1.1", "Host: [::1]:80\r\nConnection: close\r\n")}`,
  ];
  await using downstream = await startDownstream();
  await using app = await serveProxy({ target: downstream.url, retries: false });
  const response = await sendUntilClosed(app.port, bytes.join(""));
  assert.deepEqual(responsesIn(response), ["200", "200", "200"]);
  const inner = "GET /inner HTTP/1.1\r\nHost: inner\r\n\r\n";
  assert.deepEqual(
    downstream.received.map(({ url, body }) => [url, body.toString()]),
    [
      ["/", `${inner}.`],
      ["/", inner],
      ["/last", ""],
    ],
  );
  const [first, second] = downstream.received;
  assert.deepEqual([first?.headers["content-length"], first?.headers["transfer-encoding"]], ["37", undefined]);
  assert.deepEqual([second?.headers["content-length"], second?.headers["transfer-encoding"]], [undefined, "chunked"]);
});
