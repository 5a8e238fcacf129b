import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";

import { compose, type Handler, toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";
import * as fc from "fast-check";

import { fileUpload, type UploadSummary } from "../src/index.ts";
import { boundary, multipart, multipartType, parse, post, type RawPart, sha256, uploadOf } from "./multipart.ts";

/** One reading of a form: name, file name, digest of the content, for each part in its order. */
type Reading = (readonly [name: string, fileName: string | undefined, digest: string])[];

async function readByBusboy(body: Buffer, contentType: string): Promise<Reading> {
  const parts = await parse(Readable.from([body]), contentType);
  return parts.map(({ name, filename, bytes }) => [name, filename, sha256(bytes)] as const);
}

/** The parser of Node's own `fetch`, which shares no code with busboy. */
async function readByFetch(body: Buffer, contentType: string): Promise<Reading> {
  const form = await new Response(new Uint8Array(body), { headers: { "Content-Type": contentType } }).formData();
  const read = async ([name, value]: [string, File | string]) => {
    if (typeof value === "string") return [name, undefined, sha256(Buffer.from(value))] as const;
    return [name, value.name, sha256(Buffer.from(await value.arrayBuffer()))] as const;
  };
  return Promise.all([...form].map(read));
}

const readTwice: Handler = (req, res, next) => {
  const { body, contentType, summary } = uploadOf(req);
  const read = async (): Promise<void> => {
    const bytes = Buffer.concat((await body.toArray()) as Buffer[]);
    const readings = [await readByBusboy(bytes, contentType), await readByFetch(bytes, contentType)];
    res.end(JSON.stringify({ readings, summary: await summary }));
  };
  read().then(() => undefined, next);
};

const nasty = fc.constantFrom(
  "a",
  "b.txt",
  "ü",
  "..",
  "/",
  "\\",
  "'",
  ";",
  "=",
  "%22",
  "%0d%0a",
  "\u202E",
  " ",
  "\r\n",
  "--",
  `--${boundary}`,
);
const text = fc.array(nasty, { maxLength: 6 }).map((texts) => texts.join(""));
const inHeader = text.map((value) => value.replaceAll(/[\r\n"]/g, ""));

const field: fc.Arbitrary<RawPart> = fc.record({ name: inHeader, content: text }).map(({ name, content }) => ({
  headers: `Content-Disposition: form-data; name="${name}"`,
  content,
}));
const file: fc.Arbitrary<RawPart> = fc
  .record({ name: inHeader, extended: fc.boolean(), content: text })
  .map(({ name, extended, content }) => ({
    headers: [
      `Content-Disposition: form-data; name="f"; ${extended ? `filename*=UTF-8''${encodeURIComponent(name)}` : `filename="${name}"`}`,
    ],
    content,
  }));

test("two parsers read a form that has passed alike, and as the summary says", async () => {
  await using app = await listen(toListener(compose(fileUpload({ files: 9 }), readTwice)));
  let passed = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(field, file), { minLength: 1, maxLength: 5 }), async (parts) => {
      const response = await post(app.url, multipart(...parts), { "Content-Type": multipartType });
      const reply = await response.text();
      if (response.status !== 200) return assert.ok(response.status === 400 || response.status === 415, reply);
      passed += 1;
      const { readings, summary } = JSON.parse(reply) as { readings: [Reading, Reading]; summary: UploadSummary };
      assert.deepEqual(readings[0], readings[1]);
      const files = readings[0].filter(([, fileName]) => typeof fileName === "string").map(([, name, digest]) => [name, digest]);
      assert.deepEqual(
        files,
        summary.files.map(({ name, sha256: digest }) => [name, digest]),
      );
    }),
    { numRuns: 300 },
  );
  assert.ok(passed > 30, `only ${passed} forms have passed`);
});
