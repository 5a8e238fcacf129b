import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";

import { downstreamAttempted } from "../src/index.ts";
import { collect, rawServer, send, serveProxy } from "./support.ts";

const ok = "HTTP/1.1 200 OK\r\n";
const ten = `${ok}Content-Length: 10\r\n\r\n`;
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;

/** What a target sends before it closes the connection, or keeps it open in silence where `stays` says so. */
interface Fault {
  readonly bytes: string;
  readonly stays?: boolean;
  readonly resets?: boolean;
}

/** Before the head was complete and sound: the client gets a 502. */
const badHeads: Readonly<Record<string, Fault>> = {
  "closes without a word": { bytes: "" },
  "resets without a word": { bytes: "", resets: true },
  "speaks another protocol": { bytes: "SSH-2.0-OpenSSH_9.6\r\n" },
  "answers in HTTP/0.9": { bytes: "<html>hello</html>" },
  "breaks off in the status line": { bytes: "HTTP/1.1 20" },
  "breaks off in the fields": { bytes: `${ok}Content-Type: text/pl` },
  "sends a status of two digits": { bytes: "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n" },
  "sends a status of letters": { bytes: "HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n" },
  "sends a status beyond 599": { bytes: "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n" },
  "sends a status below 100": { bytes: "HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n" },
  "sends an unknown version": { bytes: "HTTP/3.7 200 OK\r\nContent-Length: 0\r\n\r\n" },
  "sends two lengths that differ": { bytes: `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab` },
  "sends the same length twice": { bytes: `${ok}Content-Length: 2\r\nContent-Length: 2\r\n\r\nab` },
  "sends a negative length": { bytes: `${ok}Content-Length: -1\r\n\r\n` },
  "sends a length that is no number": { bytes: `${ok}Content-Length: two\r\n\r\nab` },
  "sends a length and chunks": { bytes: `${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n` },
  "sends a coding below the chunks": { bytes: `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n` },
  "sends a coding without chunks": { bytes: `${ok}Transfer-Encoding: gzip\r\n\r\nabc` },
  "sends a space before a colon": { bytes: `${ok}Content-Length : 2\r\n\r\nab` },
  "sends a NUL in a field": { bytes: `${ok}X: a\0b\r\nContent-Length: 0\r\n\r\n` },
  "sends a bare CR in a field": { bytes: `${ok}X: a\rContent-Length: 9\r\nContent-Length: 0\r\n\r\n` },
  "sends a name that is none": { bytes: `${ok}Bad Name: 1\r\nContent-Length: 0\r\n\r\n` },
  "sends a field of 70 KB": { bytes: `${ok}X: ${"x".repeat(70_000)}\r\nContent-Length: 0\r\n\r\n` },
  "sends 3,000 fields": { bytes: `${ok}${"X-Many: 12345678\r\n".repeat(3_000)}Content-Length: 0\r\n\r\n` },
  "says 100 Continue, unasked, and closes": { bytes: "HTTP/1.1 100 Continue\r\n\r\n" },
  "switches protocols, unasked": { bytes: "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", stays: true },
};

/** After a sound head: the client's connection is cut. */
const badBodies: Readonly<Record<string, Fault>> = {
  "closes before the length is reached": { bytes: `${ten}12345` },
  "resets before the length is reached": { bytes: `${ten}12345`, resets: true },
  "closes before the first byte of the body": { bytes: ten },
  "falls silent before the length is reached": { bytes: `${ten}12345`, stays: true },
  "closes between two chunks": { bytes: `${chunked}5\r\n12345\r\n` },
  "closes within a chunk": { bytes: `${chunked}a\r\n12345` },
  "resets within a chunk": { bytes: `${chunked}a\r\n12345`, resets: true },
  "closes after the last chunk's size": { bytes: `${chunked}5\r\n12345\r\n0\r\n` },
  "falls silent between two chunks": { bytes: `${chunked}5\r\n12345\r\n`, stays: true },
  "sends a chunk size that is no number": { bytes: `${chunked}5\r\n12345\r\nxyz\r\n12345\r\n0\r\n\r\n` },
  "sends a chunk longer than its size": { bytes: `${chunked}5\r\n1234567890\r\n0\r\n\r\n` },
  "sends a chunk size beyond counting": { bytes: `${chunked}fffffffffffffffffff\r\n12345\r\n` },
  "resets a response that ends with its connection": { bytes: `${ok}Connection: close\r\n\r\n12345`, resets: true },
  "resets a response of HTTP/1.0": { bytes: "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n12345", resets: true },
  "breaks off in a trailer": { bytes: `${chunked}5\r\n12345\r\n0\r\nX-Sum: 1` },
};

/** A reset takes with it what has not arrived: it waits for what there is of a body. */
async function meet({ bytes, stays, resets }: Fault, headersTimeoutMs = 60_000) {
  await using target = await rawServer((socket) => {
    socket.write(bytes, "latin1");
    if (resets === true && bytes === "") socket.resetAndDestroy();
    else if (resets !== true && stays !== true) socket.end();
  });
  await using app = await serveProxy({ target: target.url, retries: false, headersTimeoutMs, idleTimeoutMs: 500 });
  const onBody = (): unknown => resets === true && target.sockets[0]?.resetAndDestroy();
  const response = await send(app.url, { signal: AbortSignal.timeout(60_000) }, undefined, onBody).catch((error: Error) => error);
  return { response, target };
}

for (const [name, fault] of Object.entries(badHeads)) {
  test(`a target that ${name} is a 502`, async () => {
    using attempts = collect(downstreamAttempted);
    const { response } = await meet(fault);
    assert.ok(!(response instanceof Error));
    assert.equal(response.status, 502);
    assert.equal(JSON.parse(response.body).type, "bad-gateway");
    assert.deepEqual(
      attempts.map(({ outcome }) => outcome),
      ["reset"],
    );
    for (const leftover of ["x", "x-many"]) assert.equal(response.headers[leftover], undefined);
  });
}

test("a target that falls silent before the end of its head is a 504", async () => {
  const cases = ["", "HTTP/1.1 2", ok, `${ok}Content-Type: text/pl`].map(async (bytes) => {
    const { response } = await meet({ bytes, stays: true }, 500);
    assert.ok(!(response instanceof Error));
    assert.equal(response.status, 504, bytes);
    assert.equal(JSON.parse(response.body).type, "gateway-timeout");
  });
  await Promise.all(cases);
});

test(`a response whose body is broken never looks complete: ${Object.keys(badBodies).length} ways`, async () => {
  const cases = Object.entries(badBodies).map(async ([name, fault]) => {
    const { response } = await meet(fault);
    assert.ok(response instanceof Error || !response.complete, name);
    if (!(response instanceof Error)) assert.ok("1234567890".startsWith(response.body), `${name}: ${response.body}`);
  });
  await Promise.all(cases);
});

test("garbage after a complete response is discarded: the connection is closed and the next request gets a new one", async () => {
  const secret = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
  for (const garbage of ["garbage", secret, `\r\n${secret}`, secret.repeat(3)]) {
    await using target = await rawServer((socket) => void socket.write(`${ok}Content-Length: 4\r\n\r\ngood${garbage}`));
    await using app = await serveProxy({ target: target.url, retries: false });
    for (let request = 1; request <= 5; request += 1) {
      const response = await send(app.url);
      assert.equal(response.status, 200);
      assert.equal(response.body, "good");
    }
    assert.equal(target.sockets.length, 5);
  }
});

test("a response that arrives before a request is not used for the next one", async () => {
  await using target = await rawServer((socket) => void socket.write(`${ok}Content-Length: 4\r\n\r\ngood`));
  await using app = await serveProxy({ target: target.url });
  assert.equal((await send(app.url)).body, "good");
  target.sockets[0]?.write(`${ok}Content-Length: 6\r\n\r\npoison`);
  await eventually(() => target.sockets[0]?.destroyed === true, "the connection is given up");
  assert.equal((await send(app.url)).body, "good");
});

test("content where there must be none is not passed on, nor taken for the next response", async () => {
  for (const head of ["HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n"]) {
    await using target = await rawServer((socket) => void socket.write(`${head}evil`));
    await using app = await serveProxy({ target: target.url, retries: false });
    for (let request = 1; request <= 2; request += 1) {
      const response = await send(app.url);
      assert.equal(response.status, Number(head.slice(9, 12)));
      assert.equal(response.body, "");
    }
  }
});
