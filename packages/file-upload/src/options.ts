import type { IncomingMessage } from "node:http";

import { option, readOptions, returns } from "@aivillage/middleware";
import { supportedMimeTypes } from "file-type";

import type { Inspect } from "./inspect.ts";
import { canonicalType, defaultTypes, isTextType } from "./media-types.ts";

/** A field that is no file. */
export interface FormField {
  readonly name: string;
  readonly value: string;
}

/** Returns why a field is refused, or `undefined`. */
export type CheckField = (field: FormField, req: IncomingMessage) => Error | undefined;

/** Options of `fileUpload()`. */
export interface FileUploadOptions {
  /** Largest file, in bytes. Default 10 MiB. */
  fileBytes?: number;
  /** Largest request body, framing included, in bytes. Default `fileBytes` and 1 MiB. */
  totalBytes?: number;
  /** Most files. Default 1. */
  files?: number;
  /** Most other fields. Default 20. */
  fields?: number;
  /** Largest value of a field, in bytes. Default 64 KiB. */
  fieldBytes?: number;
  /** Most parts of any kind. Default `files` and `fields` together. */
  parts?: number;
  /** Longest header block of a part, in bytes, at most 16 KiB. Default 8 KiB. */
  headerBytes?: number;
  /** Most header lines of a part. Default 16. */
  headerPairs?: number;
  /** Longest file name after normalisation, in bytes of UTF-8, at least 32. Longer ones are shortened. Default 255. */
  fileNameLength?: number;
  /**
   * Media types that may pass. Each must be one that can be detected from bytes, or a text type. Default: PDF, JSON, docx, xlsx,
   * pptx, GIF, JPEG, PNG, WebP, CSV, Markdown and plain text.
   */
  allowedTypes?: readonly string[];
  /** Longest time from the first byte to the last, in ms. Default 120,000. */
  timeoutMs?: number;
  /** Longest time without a byte from the client while it could send, in ms. Default 15,000. */
  idleTimeoutMs?: number;
  /**
   * Slowest arrival, in bytes per second, averaged over `rateWindowMs` of the time in which the server reads. Default 1,024;
   * 0 for none.
   */
  minBytesPerSecond?: number;
  /** The time over which `minBytesPerSecond` is averaged, and the grace before it is asked for, in ms. Default 10,000. */
  rateWindowMs?: number;
  /** The field that files must be in. Default: any. */
  fieldName?: string;
  /**
   * Checks a field that is no file, such as by a screening of its text: returns the problem that refuses the upload, or nothing. It gets the
   * text that is handed on. Default: fields are bounded in size and number, and not looked at.
   */
  checkField?: CheckField;
  /** Begins the inspection of each file, such as by a virus scanner. Default: none. */
  inspect?: Inspect;
  /** Longest time of one step of an inspection, in ms; after it the upload is refused with 503. Default 30,000. */
  inspectTimeoutMs?: number;
  /**
   * How much of the end of a file is held back, in memory, until its inspection has a verdict, in bytes. Of a file that is not
   * larger nothing is handed on before. Default 64 KiB.
   */
  holdBackBytes?: number;
}

const mebibyte = 1_048_576;
const longestTimer = 2_147_483_647;

/** The limit of busboy itself. */
const longestHeaderBlock = 16_384;

const returnsError = returns.custom("an Error or undefined", (result) => result === undefined || result instanceof Error);

export type UploadSettings = ReturnType<typeof readFileUploadOptions>;

export function readFileUploadOptions(given: FileUploadOptions | undefined) {
  const options = readOptions("@aivillage/file-upload", given, {
    fileBytes: option.integer(10 * mebibyte, { min: 1 }),
    totalBytes: optionalCount,
    files: option.integer(1, { min: 1 }),
    fields: option.integer(20),
    fieldBytes: option.integer(65_536, { min: 1 }),
    parts: optionalCount,
    headerBytes: option.integer(8_192, { min: 64, max: longestHeaderBlock }),
    headerPairs: option.integer(16, { min: 2, max: 1_000 }),
    fileNameLength: option.integer(255, { min: 32, max: 4_096 }),
    allowedTypes: option.custom<readonly string[]>(
      "a non-empty list of media types, each in lower case, detected by its first bytes or a text type",
      defaultTypes,
      (value) => Array.isArray(value) && value.length > 0 && value.every(isRecognisable),
    ),
    timeoutMs: option.integer(120_000, { min: 1, max: longestTimer }),
    idleTimeoutMs: option.integer(15_000, { min: 1, max: longestTimer }),
    minBytesPerSecond: option.integer(1_024),
    rateWindowMs: option.integer(10_000, { min: 1, max: longestTimer }),
    fieldName: option.custom<string | undefined>("a non-empty string", undefined, (value) => typeof value === "string" && value !== ""),
    checkField: option.function<CheckField>(undefined, returnsError),
    inspect: option.function<Inspect>(undefined),
    inspectTimeoutMs: option.integer(30_000, { min: 1, max: longestTimer }),
    holdBackBytes: option.integer(65_536, { min: 1 }),
  });
  return {
    ...options,
    totalBytes: options.totalBytes ?? options.fileBytes + mebibyte,
    parts: options.parts ?? options.files + options.fields,
    allowedTypes: new Set(options.allowedTypes.map(canonicalType)),
  };
}

const optionalCount = option.custom<number | undefined>(
  "an integer, at least 1",
  undefined,
  (value) => Number.isSafeInteger(value) && Number(value) >= 1,
);

function isRecognisable(type: unknown): boolean {
  if (typeof type !== "string" || !/^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/.test(type)) return false;
  const canonical = canonicalType(type);
  return isTextType(canonical) || [...supportedMimeTypes].some((known) => canonicalType(known) === canonical);
}
