import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

/** An upload went through to its end. */
export interface UploadReceived {
  req: IncomingMessage;
  files: readonly { readonly type: string; readonly bytes: number; readonly sha256: string }[];
}

/** The slug of the problem, or `aborted` when the client left before the end. */
export type RefusalReason =
  | "aborted"
  | "file-rejected"
  | "file-type-refused"
  | "inspection-unavailable"
  | "malformed-upload"
  | "payload-too-large"
  | "request-timeout"
  | "too-many-parts"
  | "unsupported-media-type";

/** An upload was refused, before or after its first bytes had been handed on. */
export interface UploadRefused {
  req: IncomingMessage;
  reason: RefusalReason;
  /** What the inspection said it had found, with the reason `file-rejected`. */
  finding?: string;
}

/** Published when an upload has gone through to its end. */
export const uploadReceived = event<UploadReceived>("aivillage:file-upload:received");

/** Published when an upload is refused or broken off. */
export const uploadRefused = event<UploadRefused>("aivillage:file-upload:refused");
