import type { BodySource } from "../body/body-types.ts";

/** The request to send, to whichever target. */
export interface OutgoingRequest {
  readonly method: string;
  /** Path and query for targets without a fixed path. */
  readonly path: string;
  readonly headers: string[];
  readonly body: BodySource;
  /** Protocol to switch to, if the request asks for one. */
  readonly upgrade?: string;
}
