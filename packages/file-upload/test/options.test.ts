import assert from "node:assert/strict";
import { test } from "node:test";

import { fileUpload, type FileUploadOptions } from "../src/index.ts";
import { readFileUploadOptions } from "../src/options.ts";

const refused = (options: unknown, message: RegExp): void => {
  assert.throws(() => fileUpload(options as FileUploadOptions), { name: "TypeError", message });
};

test("an unknown option is named together with the known ones", () => {
  refused({ maxSize: 1 }, /^@aivillage\/file-upload: unknown option `maxSize`; known options: fileBytes, totalBytes, files, fields, /);
});

test("a bad value is named with what was expected and what came", () => {
  refused({ fileBytes: 0 }, /option `fileBytes` must be an integer, at least 1, got 0/);
  refused({ fileBytes: "10mb" }, /option `fileBytes` must be an integer, at least 1, got '10mb'/);
  refused({ totalBytes: 1.5 }, /option `totalBytes` must be an integer, at least 1, got 1.5/);
  refused({ files: 0 }, /option `files` must be an integer, at least 1, got 0/);
  refused({ fields: -1 }, /option `fields` must be an integer, at least 0, got -1/);
  refused({ fieldBytes: null }, /option `fieldBytes` must be/);
  refused({ parts: 0 }, /option `parts` must be an integer, at least 1, got 0/);
  refused({ headerBytes: 100_000 }, /option `headerBytes` must be an integer from 64 to 16384, got 100000/);
  refused({ headerPairs: 1 }, /option `headerPairs` must be an integer from 2 to 1000, got 1/);
  refused({ fileNameLength: 3 }, /option `fileNameLength` must be an integer from 32 to 4096, got 3/);
  refused({ timeoutMs: 2 ** 31 }, /option `timeoutMs` must be an integer from 1 to 2147483647/);
  refused({ idleTimeoutMs: 0 }, /option `idleTimeoutMs` must be an integer from 1 to 2147483647, got 0/);
  refused({ minBytesPerSecond: -1 }, /option `minBytesPerSecond` must be an integer, at least 0, got -1/);
  refused({ rateWindowMs: 0 }, /option `rateWindowMs` must be an integer from 1 to 2147483647, got 0/);
  refused({ inspect: "clamav" }, /option `inspect` must be a function, got 'clamav'/);
  refused({ inspect: async () => undefined }, /option `inspect` must be a function; it must not be async/);
  refused({ inspectTimeoutMs: 0 }, /option `inspectTimeoutMs` must be an integer from 1 to 2147483647, got 0/);
  refused({ holdBackBytes: 0 }, /option `holdBackBytes` must be an integer, at least 1, got 0/);
  refused({ fieldName: "" }, /option `fieldName` must be a non-empty string, got ''/);
});

test("a type that can never be detected from bytes is refused at once", () => {
  for (const allowedTypes of [[], "image/png", ["image/*"], ["png"], ["IMAGE/PNG"], ["application/x-made-up"], [7]]) {
    refused({ allowedTypes }, /option `allowedTypes` must be a non-empty list of media types, each in lower case, .*got /);
  }
});

test("types that are text, known by a signature, or another name of such a type are taken", () => {
  const { allowedTypes } = readFileUploadOptions({
    allowedTypes: [
      "text/x-python",
      "application/ld+json",
      "image/svg+xml",
      "audio/mpeg",
      "image/jpg",
      "application/msword",
      "application/zip",
    ],
  });
  assert.deepEqual(
    [...allowedTypes],
    ["text/x-python", "application/ld+json", "image/svg+xml", "audio/mpeg", "image/jpeg", "application/x-cfb", "application/zip"],
  );
});

test("every type of the default list is recognisable itself", () => {
  const { allowedTypes } = readFileUploadOptions(undefined);
  assert.equal(allowedTypes.size, 12);
  assert.doesNotThrow(() => fileUpload({ allowedTypes: [...allowedTypes] }));
});

test("the defaults are the documented ones; total and parts follow the others", () => {
  const { allowedTypes: _types, ...rest } = readFileUploadOptions(undefined);
  assert.deepEqual(rest, {
    fileBytes: 10_485_760,
    totalBytes: 11_534_336,
    files: 1,
    fields: 20,
    fieldBytes: 65_536,
    parts: 21,
    headerBytes: 8_192,
    headerPairs: 16,
    fileNameLength: 255,
    timeoutMs: 120_000,
    idleTimeoutMs: 15_000,
    minBytesPerSecond: 1_024,
    rateWindowMs: 10_000,
    fieldName: undefined,
    checkField: undefined,
    inspect: undefined,
    inspectTimeoutMs: 30_000,
    holdBackBytes: 65_536,
  });
  assert.equal(readFileUploadOptions({ fileBytes: 5 }).totalBytes, 5 + 1_048_576);
  assert.equal(readFileUploadOptions({ files: 3, fields: 4 }).parts, 7);
});

test("changing the list of types later changes nothing", () => {
  const allowedTypes = ["image/png"];
  const settings = readFileUploadOptions({ allowedTypes });
  allowedTypes.push("text/html");
  assert.deepEqual([...settings.allowedTypes], ["image/png"]);
});
