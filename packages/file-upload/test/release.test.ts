// Needs its own process: measures the memory of the process.
import assert from "node:assert/strict";
import { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { test } from "node:test";

import { compose, type Handler } from "@aivillage/middleware";
import { forEachHost, listen, rawRequest } from "@aivillage/testing";

import { fileUpload, type FileUploadOptions, type UploadSummary } from "../src/index.ts";
import { fieldPart, filePart, multipart, multipartType, pdf, png, post, type RawPart, request, sha256, uploadOf } from "./multipart.ts";

interface Outcome {
  readonly pieces: number;
  readonly freed: number;
  readonly summary: UploadSummary;
}

/** Reads an upload and gives every piece back once it has been looked at. */
function readAndRelease(before?: (req: IncomingMessage) => void): Handler {
  return (req, res, next) => {
    const { body, release, summary } = uploadOf(req);
    before?.(req);
    let [pieces, freed] = [0, 0];
    body.on("data", (piece: Buffer) => {
      release(piece);
      pieces += 1;
      if (piece.length === 0) freed += 1;
    });
    body.once("error", next);
    body.once("end", () => {
      const respond = (known: UploadSummary): void => void res.end(JSON.stringify({ pieces, freed, summary: known }));
      summary.then(respond, next);
    });
  };
}

const large = pdf(3_000_000);

forEachHost((host) => {
  const upload = async (
    parts: readonly RawPart[],
    options?: FileUploadOptions,
    before?: (req: IncomingMessage) => void,
  ): Promise<Outcome> => {
    await using app = await host.serve([fileUpload(options), readAndRelease(before)]);
    const response = await post(app.url, multipart(...parts));
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text) as Outcome;
  };
  test("the chunks that are released are freed at once, and size and digest stay right", async () => {
    const { pieces, freed, summary } = await upload([filePart(large)]);
    assert.deepEqual(
      summary.files.map(({ bytes, sha256: digest }) => [bytes, digest]),
      [[large.length, sha256(large)]],
    );
    assert.ok(freed > 20 && freed < pieces, `${freed} of ${pieces} were freed`);
  });

  test("what follows a chunk that was freed is still read: fields, another file, the end of the form", async () => {
    const image = png(2_000_000);
    const parts = [
      filePart(large),
      fieldPart("note", "between"),
      filePart(image, "b.png", "image/png"),
      fieldPart("last", "x".repeat(60_000)),
    ];
    const { freed, summary } = await upload(parts, { files: 2 });
    assert.deepEqual(
      summary.files.map(({ sha256: digest }) => digest),
      [sha256(large), sha256(image)],
    );
    assert.deepEqual(summary.fields, { note: "between", last: "x".repeat(60_000) });
    assert.ok(freed > 20);
  });

  test("a text whose characters are cut by the chunks is followed to its end", async () => {
    const text = Buffer.from(`a${"€".repeat(700_000)}`);
    const { freed, summary } = await upload([filePart(text, "a.txt", "text/plain")]);
    assert.equal(summary.files[0]?.sha256, sha256(text));
    assert.ok(freed > 10);
  });

  test("nothing is freed that somebody else may hold: an inspection, another reader of the request or of the body", async () => {
    const held: Buffer[] = [];
    const inspect = () => ({ chunk: (bytes: Buffer) => void held.push(bytes), end: () => ({ clean: true }) });
    const hold = (chunk: Buffer): void => void held.push(chunk);
    const outcomes = [
      await upload([filePart(large)], { inspect }),
      await upload([filePart(large)], {}, (req) => void req.on("data", hold)),
      await upload([filePart(large)], {}, (req) => void uploadOf(req).body.on("data", hold)),
    ];
    assert.deepEqual(
      outcomes.map(({ freed }) => freed),
      [0, 0, 0],
    );
    assert.ok(held.length > 60 && held.every(({ length }) => length > 0));
  });
});

test("an upload whose chunks are released leaves no memory to the garbage collector", async () => {
  let [before, after] = [0, 0];
  const handler = compose(fileUpload({ fileBytes: 2 ** 30 }), (req, res, next) => {
    before = process.memoryUsage().arrayBuffers;
    uploadOf(req).body.once("end", () => (after = process.memoryUsage().arrayBuffers));
    readAndRelease()(req, res, next);
  });
  await using app = await listen((req, res) => handler(req, res, () => res.destroy()));
  const content = pdf(80 * 1_048_576);
  const response = await rawRequest(app.port, request(multipart(filePart(content)), { Connection: "close" }));
  assert.ok(response.includes(sha256(content)), response.slice(0, 200));
  const held = after - before;
  assert.ok(held < 2 * 1_048_576, `${held} bytes were held at its end`);
});

test("the bytes of a request that no connection has brought belong to its creator", async () => {
  const fake = new Duplex({ read: () => undefined, write: (_chunk, _encoding, callback) => callback() });
  const req = new IncomingMessage(fake as Socket);
  req.headers["content-type"] = multipartType;
  const bytes = multipart(filePart(large));
  const pieces = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, index) =>
    Buffer.from(bytes.subarray(index * 65_536, (index + 1) * 65_536)),
  );
  for (const piece of [...pieces, null]) req.push(piece);
  const handedOver = Promise.withResolvers<unknown>();
  fileUpload()(req, new ServerResponse(req), handedOver.resolve);
  assert.equal(await handedOver.promise, undefined);
  const { body, release, summary } = uploadOf(req);
  body.on("data", release);
  assert.equal((await summary).files[0]?.sha256, sha256(large));
  assert.ok(pieces.every(({ length }) => length > 0));
});
