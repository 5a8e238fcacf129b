import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { compose, type Handler, HttpProblem, toListener } from "@aivillage/middleware";
import { listen, rawRequest, type RunningServer } from "@aivillage/testing";
import * as fc from "fast-check";

import { fileUpload, uploadReceived, uploadRefused } from "../src/index.ts";
import { PartFrames } from "../src/part-frames.ts";
import { boundary, fieldPart, filePart, multipart, pdf, receive, request, sendInTwo } from "./multipart.ts";

const unexpected: unknown[] = [];
const note = (error: unknown): void => void unexpected.push(error);
let app: RunningServer;
/** One entry a request: how often the handler called `next`. */
const calls = new Map<object, number>();

before(async () => {
  process.on("unhandledRejection", note).on("uncaughtException", note);
  const upload = fileUpload({ files: 2 });
  const counted: Handler = (req, res, next) =>
    upload(req, res, (error) => {
      calls.set(req, (calls.get(req) ?? 0) + 1);
      next(error);
    });
  app = await listen(toListener(compose(counted, receive)));
});

after(async () => {
  await app[Symbol.asyncDispose]();
  process.off("unhandledRejection", note).off("uncaughtException", note);
});

const good = multipart(fieldPart("title", "x"), filePart(pdf(300)), filePart("hello", "a.txt", "text/plain"), fieldPart("end", "y"));
const piece = fc.constantFrom(
  "\r\n",
  "\r",
  "\n",
  "--",
  `--${boundary}`,
  `\r\n--${boundary}\r\n`,
  `\r\n--${boundary}--`,
  "\0",
  ":",
  ";",
  '"',
  "\\",
  "=",
  "*=",
  " ",
  "%",
);
const mutation = fc.record({
  at: fc.nat(good.length),
  drop: fc.nat(40),
  insert: fc.oneof(
    piece.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
  ),
});

const mutate = (mutations: readonly { at: number; drop: number; insert: Buffer }[]): Buffer =>
  mutations.reduce((bytes, { at, drop, insert }) => Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + drop)]), good);

test("no mutation of an upload does anything but pass or be refused with a 4xx", async () => {
  let refused = 0;
  let received = 0;
  const stops = [uploadRefused.subscribe(() => (refused += 1)), uploadReceived.subscribe(() => (received += 1))];
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (mutations, split) => {
        sent += 1;
        const bytes = request(mutate(mutations), { Connection: "close" });
        const cut = Math.floor(split * bytes.length);
        const answer = await sendInTwo(app.port, bytes.subarray(0, cut), bytes.subarray(cut));
        assert.match(answer, /^HTTP\/1\.1 (200|400|413|415) /);
      },
    ),
    { numRuns: 200 },
  );
  for (const stop of stops) stop();
  assert.equal(refused + received, sent);
  assert.deepEqual(unexpected, []);
  assert.ok([...calls.values()].every((count) => count === 1));
});

test("random bytes under random boundaries are 400", async () => {
  const bytes = fc.uint8Array({ maxLength: 600 }).map((array) => Buffer.from(array));
  await fc.assert(
    fc.asyncProperty(bytes, fc.stringMatching(/^[\w'()+,./:=?-]{1,70}$/), async (body, random) => {
      const answer = await rawRequest(
        app.port,
        request(body, { "Content-Type": `multipart/form-data; boundary="${random}"`, Connection: "close" }),
        3_000,
      );
      assert.match(answer, /^HTTP\/1\.1 400 /);
    }),
    { numRuns: 60 },
  );
  assert.deepEqual(unexpected, []);
});

test("an upload cut anywhere and followed by a hang-up ends quietly", async () => {
  const bytes = request(good);
  for (let cut = bytes.length - good.length; cut < bytes.length; cut += 31) {
    assert.doesNotMatch(await rawRequest(app.port, bytes.subarray(0, cut), 5), /^HTTP\/1\.1 200 /);
  }
  assert.deepEqual(unexpected, []);
});

test("the framing check says the same however the bytes are cut", () => {
  const limits = { parts: 5, headerBytes: 300, headerPairs: 4 };
  const verdict = (chunks: readonly Buffer[]): string => {
    const frames = new PartFrames(boundary, limits);
    try {
      for (const chunk of chunks) frames.push(chunk);
    } catch (error) {
      assert.ok(error instanceof HttpProblem);
      return error.message;
    }
    return `${frames.typed.join()} ${String(frames.complete)}`;
  };
  assert.equal(verdict([good]), "false,true,true,false true");
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 3 }), fc.integer({ min: 1, max: 60 }), (mutations, size) => {
      const bytes = mutate(mutations);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
      assert.equal(verdict(chunks), verdict([bytes]));
    }),
    { numRuns: 300 },
  );
});
