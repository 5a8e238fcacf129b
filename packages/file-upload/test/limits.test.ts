import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";

import { compose, HttpProblem, toListener } from "@aivillage/middleware";
import { eventually, forEachHost, listen, startDownstream } from "@aivillage/testing";

import { normaliseFileName } from "../src/file/file-name.ts";
import { fileUpload, type FileUploadOptions } from "../src/index.ts";
import { sendOn } from "./downstream.ts";
import {
  boundary,
  fieldPart,
  filePart,
  multipart,
  multipartType,
  pdf,
  post,
  type RawPart,
  receive,
  type Receipt,
  request,
} from "./multipart.ts";

const file = filePart(pdf());
const header = 'Content-Disposition: form-data; name="x"';
const many = (count: number): RawPart[] => Array.from({ length: count }, (_, index) => fieldPart(`f${index}`, "1"));
/** A field whose header block has exactly so many bytes. */
const withBlock = (bytes: number): RawPart => ({ headers: [header, `X: ${"x".repeat(bytes - header.length - 5)}`], content: "" });
const withLines = (lines: number): RawPart => ({
  headers: [header, ...Array.from({ length: lines - 1 }, (_, index) => `X-${index}: 1`)],
  content: "",
});

interface Limit {
  readonly name: string;
  readonly options: FileUploadOptions;
  readonly within: Buffer;
  readonly beyond: Buffer;
  readonly status: number;
  readonly type: string;
}

const formOf = (bytes: number): Buffer => multipart(filePart(pdf(bytes - multipart(filePart(pdf(0))).length)));

const limits: readonly Limit[] = [
  {
    name: "fileBytes",
    options: { fileBytes: pdf().length },
    within: multipart(file),
    beyond: multipart(filePart(pdf(2_001))),
    status: 413,
    type: "payload-too-large",
  },
  {
    name: "totalBytes",
    options: { totalBytes: 5_000 },
    within: formOf(5_000),
    beyond: formOf(5_001),
    status: 413,
    type: "payload-too-large",
  },
  {
    name: "files",
    options: { files: 3 },
    within: multipart(file, file, file),
    beyond: multipart(file, file, file, file),
    status: 413,
    type: "too-many-parts",
  },
  {
    name: "fields",
    options: { fields: 4, parts: 9 },
    within: multipart(...many(4), file),
    beyond: multipart(...many(5), file),
    status: 413,
    type: "too-many-parts",
  },
  {
    name: "parts",
    options: { parts: 4 },
    within: multipart(...many(3), file),
    beyond: multipart(...many(4), file),
    status: 413,
    type: "too-many-parts",
  },
  {
    name: "fieldBytes",
    options: { fieldBytes: 9 },
    within: multipart(fieldPart("a", "123456789"), file),
    beyond: multipart(fieldPart("a", "1234567890"), file),
    status: 413,
    type: "payload-too-large",
  },
  {
    name: "headerBytes",
    options: { headerBytes: 500 },
    within: multipart(withBlock(500), file),
    beyond: multipart(withBlock(501), file),
    status: 400,
    type: "malformed-upload",
  },
  {
    name: "headerPairs",
    options: { headerPairs: 5 },
    within: multipart(withLines(5), file),
    beyond: multipart(withLines(6), file),
    status: 400,
    type: "malformed-upload",
  },
];

forEachHost((host) => {
  for (const { name, options, within, beyond, status, type } of limits) {
    test(`what reaches \`${name}\` passes, one more is ${status} and nothing of it is handed on, whole or in two chunks`, async () => {
      await using downstream = await startDownstream();
      let problem: HttpProblem | undefined;
      await using app = await host.serve([fileUpload(options), sendOn(downstream.url)], (error, _req, res, _next) => {
        problem = HttpProblem.from(error);
        res.writeHead(problem.status).end();
      });
      assert.equal((await post(app.url, within)).status, 200);
      assert.equal(downstream.received.length, 1);
      const refused = await post(app.url, beyond);
      assert.deepEqual([refused.status, problem?.type, downstream.received.length], [status, type, 1]);
      const chunked = httpRequest(app.url, { method: "POST", headers: { "Content-Type": multipartType } });
      chunked.write(beyond.subarray(0, beyond.length / 2));
      setTimeout(() => chunked.end(beyond.subarray(beyond.length / 2)), 5);
      const [response] = (await once(chunked, "response")) as [{ statusCode: number; resume(): void }];
      response.resume();
      assert.equal(response.statusCode, status);
    });
  }

  test("a file name of `fileNameLength` stays, a longer one is shortened", async () => {
    await using app = await host.serve([fileUpload({ fileNameLength: 40 }), receive]);
    for (const length of [40, 41, 400]) {
      const name = `${"n".repeat(length - 4)}.pdf`;
      const { filename } = (await (await post(app.url, multipart(filePart(pdf(), name)))).json()) as Receipt;
      assert.equal(filename, normaliseFileName(name, 40));
      assert.equal(filename.length, 40);
    }
  });

  test("a form of 10,000 parts is refused with its 22nd, and nothing is handed on", async () => {
    await using downstream = await startDownstream();
    await using app = await host.serve([fileUpload(), sendOn(downstream.url)]);
    const response = await post(app.url, multipart(...many(9_999), file));
    assert.deepEqual([response.status, downstream.received.length], [413, 0]);
  });

  test("a client that is too slow on the average is 408, however regularly it sends", async () => {
    const options = { minBytesPerSecond: 1_000, rateWindowMs: 100, idleTimeoutMs: 5_000 };
    let problem: HttpProblem | undefined;
    await using app = await host.serve([fileUpload(options), receive], (error, _req, res, _next) => {
      problem = HttpProblem.from(error);
      res.writeHead(problem.status, problem.headers).end();
    });
    const bytes = request(multipart(filePart(pdf())));
    const socket = connect(app.port, "127.0.0.1");
    socket.write(bytes.subarray(0, 200));
    let at = 200;
    const drip = setInterval(() => socket.write(bytes.subarray(at, (at += 1))), 10);
    const [response] = (await once(socket, "data")) as [Buffer];
    clearInterval(drip);
    assert.match(response.toString(), /^HTTP\/1\.1 408 [^]*connection: close/i);
    assert.match(problem?.detail ?? "", /slower than 1000 bytes per second/);
    socket.destroy();
  });

  test("the time in which a slow service takes nothing does not count against the rate of the client", async () => {
    await using app = await host.serve([
      fileUpload({ minBytesPerSecond: 100_000, rateWindowMs: 800 }),
      (req, res, next) => {
        const late = (): void => receive(req, res, next);
        setTimeout(late, 2_000);
      },
    ]);
    const response = await post(app.url, multipart(filePart(pdf(3_000_000))));
    assert.equal(response.status, 200);
    await response.text();
  });
});

test("with a server that leaves `Expect: 100-continue` to its handlers, a refused head costs the client no upload", async (t) => {
  const listener = toListener(compose(fileUpload({ totalBytes: 5_000 }), receive));
  const server = createServer(listener).on("checkContinue", listener).listen(0, "127.0.0.1");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const outcome = async (bytes: number): Promise<string[]> => {
    const log: string[] = [];
    const headers = { "Content-Type": multipartType, "Content-Length": bytes, Expect: "100-continue" };
    const client = httpRequest({ port, method: "POST", headers });
    client.on("continue", () => {
      log.push("continue");
      client.end(formOf(bytes));
    });
    client.flushHeaders();
    const [response] = (await once(client, "response")) as [{ statusCode: number; resume(): void }];
    log.push(String(response.statusCode));
    response.resume();
    client.destroy();
    return log;
  };
  assert.deepEqual(await outcome(5_000), ["continue", "200"]);
  assert.deepEqual(await outcome(5_001), ["413"]);
});

test("a service that refuses early stops the upload", async () => {
  await using downstream = await startDownstream({ status: 507, ignoreBody: true, body: { full: true } });
  await using app = await listen(toListener(compose(fileUpload({ fileBytes: 500_000_000 }), sendOn(downstream.url))));
  let sent = 0;
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7\n`;
  const client = httpRequest(app.url, { method: "POST", headers: { "Content-Type": multipartType } }).on("error", () => undefined);
  client.write(head);
  const piece = Buffer.alloc(65_536, 1);
  const more = (): void => {
    let goesOn = true;
    while (goesOn) goesOn = client.write(piece, () => (sent += piece.length));
  };
  client.on("drain", more);
  more();
  const [response] = (await once(client, "response")) as [{ statusCode: number; resume(): void }];
  response.resume();
  assert.equal(response.statusCode, 507);
  await eventually(() => client.destroyed, "the connection is closed");
  assert.ok(sent < 40_000_000, `${sent} bytes were sent`);
});
