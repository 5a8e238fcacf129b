// Needs its own process: measures the memory of the process.
import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { compose, type Handler, HttpProblem, toListener } from "@aivillage/middleware";
import { eventually, forEachHost, listen } from "@aivillage/testing";

import { fileUpload, type RefusalReason, type Upload, uploadReceived, uploadRefused } from "../src/index.ts";
import { boundary, filePart, multipart, multipartType, pdf, png, post, receive, request, sendAndLeave, uploadOf } from "./multipart.ts";

const mebibyte = 1_048_576;

async function noConnectionLeft(server: Server): Promise<void> {
  let open = -1;
  const count = (): boolean => {
    server.getConnections((_error, connections) => (open = connections));
    return open === 0;
  };
  await eventually(count, "all connections are closed");
}

/** Keeps every upload that comes, and does with it what `handle` says. */
function keeping(uploads: Upload[], handle: Handler): Handler {
  return (req, res, next) => {
    uploads.push(uploadOf(req));
    handle(req, res, next);
  };
}

const summaryError = async (upload: Upload | undefined): Promise<unknown> =>
  upload?.summary.then(
    () => "no error",
    (error: unknown) => error,
  );

forEachHost((host) => {
  test("next comes with the first 16 KiB of the file, while the rest has yet to be sent", async () => {
    await using app = await host.serve([fileUpload(), (req, res) => void uploadOf(req).body.once("data", () => res.end("early"))]);
    const bytes = request(multipart(filePart(pdf(200_000))));
    const socket = connect(app.port, "127.0.0.1", () => socket.write(bytes.subarray(0, 20_000)));
    const [response] = (await once(socket, "data")) as [Buffer];
    assert.match(response.toString(), /^HTTP\/1\.1 200 [^]*early/);
    socket.destroy();
  });

  test("nothing is handed on before the first 16 KiB have come", async () => {
    let calls = 0;
    await using app = await host.serve([fileUpload(), (_req, res) => void res.end(String((calls += 1)))]);
    const bytes = request(multipart(filePart(pdf(200_000))));
    const accepted: Socket[] = [];
    app.server.on("connection", (each) => accepted.push(each));
    const socket = connect(app.port, "127.0.0.1", () => socket.write(bytes.subarray(0, 15_000)));
    await eventually(() => accepted[0]?.bytesRead === 15_000, "the first bytes have come");
    await delay(50);
    assert.equal(calls, 0);
    socket.write(bytes.subarray(15_000, 30_000));
    await once(socket, "data");
    assert.equal(calls, 1);
    socket.destroy();
  });

  test("fifty clients that leave in the middle leave nothing behind", async (t) => {
    const uploads: Upload[] = [];
    const reasons: RefusalReason[] = [];
    const received: unknown[] = [];
    const stops = [
      uploadRefused.subscribe(({ reason }) => reasons.push(reason)),
      uploadReceived.subscribe((message) => received.push(message)),
    ];
    for (const stop of stops) t.after(stop);
    const calls: unknown[] = [];
    const upload = fileUpload();
    const counted: Handler = (req, res, next) =>
      upload(req, res, (error) => {
        calls.push(error);
        next(error);
      });
    await using app = await host.serve([counted, keeping(uploads, receive)]);
    const bytes = request(multipart(filePart(pdf(200_000))));
    await Promise.all(Array.from({ length: 50 }, (_, index) => sendAndLeave(app.port, bytes.subarray(0, 250 + index * 4_000))));
    await noConnectionLeft(app.server);
    await eventually(() => reasons.length === 50 && calls.length === 50, "every upload has ended");
    assert.deepEqual([new Set(reasons), received], [new Set(["aborted"]), []]);
    assert.ok(uploads.length > 0 && uploads.length < 50);
    assert.ok(uploads.every(({ body }) => body.destroyed && body.errored instanceof HttpProblem));
    for (const entry of uploads) assert.ok((await summaryError(entry)) instanceof HttpProblem);
  });

  test("a body that nobody reads is destroyed with the response", async () => {
    const uploads: Upload[] = [];
    await using app = await host.serve([fileUpload(), keeping(uploads, (_req, res) => void res.end("no, thanks"))]);
    const response = await post(app.url, multipart(filePart(pdf(500_000))));
    assert.equal(await response.text(), "no, thanks");
    await eventually(() => uploads[0]?.body.destroyed === true, "the body is destroyed");
    assert.match(String(await summaryError(uploads[0])), /response ended before the upload had been read/);
  });

  test("an upload that nobody reads or responds to ends at its deadline", async () => {
    const uploads: Upload[] = [];
    await using app = await host.serve([fileUpload({ timeoutMs: 2_000, idleTimeoutMs: 700 }), keeping(uploads, () => undefined)]);
    const socket = connect(app.port, "127.0.0.1", () => socket.write(request(multipart(filePart(pdf(5_000_000))))));
    socket.on("error", () => undefined);
    await eventually(() => uploads[0]?.body.destroyed === true, "the body is destroyed");
    const error = await summaryError(uploads[0]);
    assert.ok(error instanceof HttpProblem && error.status === 408);
    assert.match(error.message, /longer than 2000 ms/);
    socket.destroy();
  });

  test("a consumer that fails ends the upload, and its response reaches the client", async () => {
    const uploads: Upload[] = [];
    const giveUp: Handler = (req, _res, next) => {
      uploadOf(req).body.once("data", function leave(this: Readable) {
        this.destroy(new Error("upstream is gone"));
        next(new HttpProblem({ status: 502 }));
      });
    };
    await using app = await host.serve([fileUpload(), keeping(uploads, giveUp)]);
    const response = await post(app.url, multipart(filePart(pdf(2_000_000))));
    assert.equal(response.status, 502);
    await response.text();
    assert.match(String(await summaryError(uploads[0])), /upstream is gone/);
  });

  test("a consumer that destroys the body without an error rejects the summary as well", async () => {
    const uploads: Upload[] = [];
    await using app = await host.serve([
      fileUpload(),
      keeping(uploads, (req, res) => void res.end(String(uploadOf(req).body.destroy().destroyed))),
    ]);
    assert.equal(await (await post(app.url, multipart(filePart(pdf())))).text(), "true");
    assert.match(String(await summaryError(uploads[0])), /given up by its consumer/);
  });

  test("a slow consumer is no idle client", async () => {
    const slowly: Handler = (req, res, next) => {
      let pauseMs = 1_500;
      const slow = new Writable({
        write(_chunk, _encoding, done) {
          setTimeout(done, pauseMs);
          pauseMs = 0;
        },
      });
      pipeline(uploadOf(req).body, slow).then(() => res.end("done"), next);
    };
    await using app = await host.serve([fileUpload({ idleTimeoutMs: 700 }), slowly]);
    const response = await post(app.url, multipart(filePart(pdf(mebibyte))));
    assert.deepEqual([response.status, await response.text()], [200, "done"]);
  });

  test("a consumer that stands still stops the client", async () => {
    let reading: Readable | undefined;
    await using app = await host.serve([fileUpload({ fileBytes: 64 * mebibyte }), (req) => void (reading = uploadOf(req).body)]);
    let sent = 0;
    const client = httpRequest(app.url, { method: "POST", headers: { "Content-Type": multipartType } }).on("error", () => undefined);
    const sending = pipeline(
      Readable.from(
        bigUpload(48 * mebibyte, (bytes) => (sent += bytes)),
        { objectMode: false },
      ),
      client,
    ).catch(() => undefined);
    await eventually(() => reading !== undefined, "the upload is handed on");
    let before = -1;
    while (before !== sent) {
      before = sent;
      await delay(60);
    }
    assert.ok(sent < 24 * mebibyte, `the client could send ${Math.round(sent / mebibyte)} MiB`);
    client.destroy();
    await sending;
    // A socket that is not read from does not tell that its peer has left.
    reading?.resume();
    await eventually(() => reading?.destroyed === true, "the body is destroyed");
  });
});

test("64 MiB go through to a slow consumer in bounded memory", async () => {
  const size = 64 * mebibyte;
  let grown = 0;
  let looks = 0;
  const slowly: Handler = (req, res, next) => {
    const upload = uploadOf(req);
    const before = residentBytes();
    let taken = 0;
    let looked = 0;
    const look = (): void => {
      looked = taken;
      looks += 1;
      grown = Math.max(grown, residentBytes() - before);
    };
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        taken += chunk.length;
        if (taken - looked > 24 * mebibyte) look();
        setImmediate(done);
      },
    });
    pipeline(upload.body, sink).then(async () => res.end(JSON.stringify(await upload.summary)), next);
  };
  await using app = await listen(toListener(compose(fileUpload({ fileBytes: 65 * mebibyte }), slowly)));
  const client = httpRequest(app.url, { method: "POST", headers: { "Content-Type": multipartType } });
  await pipeline(Readable.from(bigUpload(size), { objectMode: false }), client);
  const [response] = (await once(client, "response")) as [Readable];
  const { files } = JSON.parse(Buffer.concat(await response.toArray()).toString()) as { files: { bytes: number }[] };
  assert.equal(files[0]?.bytes, size + png(0).length);
  assert.ok(looks >= 2 && grown < 32 * mebibyte, `resident memory grew by ${Math.round(grown / mebibyte)} MiB`);
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Memory of the process without what only waits to be collected. */
function residentBytes(): number {
  collectGarbage();
  return process.memoryUsage.rss();
}

function* bigUpload(size: number, onPiece: (bytes: number) => void = () => undefined): Generator<Buffer> {
  yield Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="big.png"\r\n\r\n`);
  yield png(0);
  const piece = Buffer.alloc(65_536, 1);
  for (let sent = 0; sent < size; sent += piece.length) {
    onPiece(piece.length);
    yield piece;
  }
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}
