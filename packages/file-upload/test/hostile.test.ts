import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { compose, type Handler, HttpProblem, toListener } from "@aivillage/middleware";
import { listen, rawRequest, type RunningServer } from "@aivillage/testing";
import * as fc from "fast-check";

import { MultipartReader } from "../src/form/multipart-reader.ts";
import { fileUpload, uploadReceived, uploadRefused } from "../src/index.ts";
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
        const response = await sendInTwo(app.port, bytes.subarray(0, cut), bytes.subarray(cut));
        assert.match(response, /^HTTP\/1\.1 (200|400|413|415) /);
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
      const response = await rawRequest(
        app.port,
        request(body, { "Content-Type": `multipart/form-data; boundary="${random}"`, Connection: "close" }),
        3_000,
      );
      assert.match(response, /^HTTP\/1\.1 400 /);
    }),
    { numRuns: 60 },
  );
  assert.deepEqual(unexpected, []);
});

test("an upload cut anywhere and followed by a hang-up ends quietly", async () => {
  const bytes = request(good);
  for (let cut = bytes.length - good.length; cut < bytes.length; cut += 31) {
    assert.doesNotMatch(await rawRequest(app.port, bytes.subarray(0, cut), 5, 5), /^HTTP\/1\.1 200 /);
  }
  assert.deepEqual(unexpected, []);
});

/** What the reader makes of a body that comes in these chunks: its parts with their contents, or the problem. */
function reading(chunks: readonly Buffer[]): string {
  const reader = new MultipartReader(boundary, { parts: 5, headerBytes: 60 });
  const parts: string[] = [];
  try {
    for (const chunk of chunks) {
      reader.push(chunk);
      for (let token = reader.next(); token !== undefined; token = reader.next()) {
        if (token.kind === "headers") parts.push(`${token.block}|`);
        else parts[parts.length - 1] += token.kind === "end" ? "|end" : token.bytes.toString("latin1");
      }
    }
  } catch (error) {
    assert.ok(error instanceof HttpProblem);
    return error.message;
  }
  return `${parts.join("\n")} ${String(reader.complete)}`;
}

const pieces = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));

test("the reader cuts a body the same way however it comes", () => {
  const small = multipart({ headers: "A: 1", content: `a\r\n--${boundary.slice(1)}\r\n\r--` }, { headers: "B: 2", content: "" });
  assert.equal(reading([small]), `A: 1|a\r\n--${boundary.slice(1)}\r\n\r--|end\nB: 2||end true`);
  for (let size = 1; size < small.length; size += 1) assert.equal(reading(pieces(small, size)), reading([small]), `pieces of ${size}`);
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 3 }), fc.integer({ min: 1, max: 80 }), (mutations, size) => {
      const bytes = mutate(mutations);
      assert.equal(reading(pieces(bytes, size)), reading([bytes]));
    }),
    { numRuns: 500 },
  );
});

test("the reader finds exactly the parts that were written, whatever their content", () => {
  const near = fc.constantFrom("\r", "\n", "\r\n", "-", `\r\n--${boundary.slice(0, -1)}`, `--${boundary}`, "x");
  const content = fc.array(near, { maxLength: 8 }).map((texts) => texts.join(""));
  fc.assert(
    fc.property(fc.array(content, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 80 }), (contents, size) => {
      fc.pre(contents.every((text) => !text.startsWith(`--${boundary}`) && !text.includes(`\r\n--${boundary}`)));
      const bytes = multipart(...contents.map((text) => ({ headers: "A: 1", content: text })));
      assert.equal(reading(pieces(bytes, size)), `${contents.map((text) => `A: 1|${text}|end`).join("\n")} true`);
    }),
    { numRuns: 500 },
  );
});
