import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { test } from "node:test";

import type { Event, Handler } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";

import {
  fileUpload,
  type FileUploadOptions,
  getUpload,
  type Inspect,
  type InspectedFile,
  type Inspection,
  type Upload,
  uploadReceived,
  type UploadReceived,
  type UploadSummary,
  type Verdict,
} from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(fileUpload).parameters.toEqualTypeOf<[options?: FileUploadOptions | undefined]>();
  expectTypeOf(fileUpload).returns.toEqualTypeOf<Handler>();
  expectTypeOf(getUpload).parameters.toEqualTypeOf<[req: IncomingMessage]>();
  expectTypeOf(getUpload).returns.toEqualTypeOf<Upload | undefined>();
  expectTypeOf<Upload["body"]>().toEqualTypeOf<Readable>();
  expectTypeOf<Upload["summary"]>().toEqualTypeOf<Promise<UploadSummary>>();
  expectTypeOf<UploadSummary["fields"]>().toEqualTypeOf<Readonly<Record<string, string>>>();
  expectTypeOf<Upload["completed"]>().toEqualTypeOf<UploadSummary | undefined>();
  expectTypeOf<FileUploadOptions["inspect"]>().toEqualTypeOf<Inspect | undefined>();
  expectTypeOf<ReturnType<Inspect>>().toEqualTypeOf<Inspection>();
  expectTypeOf<Awaited<ReturnType<Inspection["end"]>>>().toEqualTypeOf<Verdict>();
  expectTypeOf<InspectedFile>().toEqualTypeOf<{ readonly field: string; readonly name: string; readonly type: string }>();
  expectTypeOf(uploadReceived).toEqualTypeOf<Event<UploadReceived>>();
  expectTypeOf<{ fileBytes: string }>().not.toExtend<FileUploadOptions>();
});
