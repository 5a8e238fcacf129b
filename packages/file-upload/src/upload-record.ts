import type { IncomingMessage } from "node:http";

import type { UploadSettings } from "./options.ts";
import type { UploadedFile } from "./upload.ts";

/** Filled while the upload goes through. */
export interface UploadRecord {
  /** Known when bytes of the first file may be handed on. */
  first: { filename: string; type: string } | undefined;
  readonly files: UploadedFile[];
  readonly fields: Map<string, string>;
}

/** What the takers of parts share. */
export interface UploadContext {
  readonly req: IncomingMessage;
  readonly settings: UploadSettings;
  /** The boundary of the form that is written. */
  readonly boundary: string;
  readonly record: UploadRecord;
  readonly write: (bytes: Buffer) => void;
}
