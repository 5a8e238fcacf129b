import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { test } from "node:test";

import type { Event, Handler } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";

import {
  fileUpload,
  type FileUploadOptions,
  getUpload,
  type Upload,
  uploadReceived,
  type UploadReceived,
  type UploadSummary,
} from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(fileUpload).parameters.toEqualTypeOf<[options?: FileUploadOptions | undefined]>();
  expectTypeOf(fileUpload).returns.toEqualTypeOf<Handler>();
  expectTypeOf(getUpload).parameters.toEqualTypeOf<[req: IncomingMessage]>();
  expectTypeOf(getUpload).returns.toEqualTypeOf<Upload | undefined>();
  expectTypeOf<Upload["body"]>().toEqualTypeOf<Readable>();
  expectTypeOf<Upload["summary"]>().toEqualTypeOf<Promise<UploadSummary>>();
  expectTypeOf<UploadSummary["fields"]>().toEqualTypeOf<Readonly<Record<string, string>>>();
  expectTypeOf(uploadReceived).toEqualTypeOf<Event<UploadReceived>>();
  expectTypeOf<{ fileBytes: string }>().not.toExtend<FileUploadOptions>();
});
