import type { AiDialectName, AiUsage } from "@aivillage/ai-call";

import type { Step } from "./wire.ts";

/** The tokens that a provider reports. */
export type ReportedUsage = Pick<AiUsage, "input" | "output"> & Partial<Pick<AiUsage, "cachedInput" | "cacheWrite" | "reasoning">>;

/** A response as it goes over the wire, made up by us after what servers of models are known to send. */
export interface WireCapture {
  /** The model to ask for, which makes `startFakeProvider()` respond like this. */
  readonly name: string;
  readonly dialect: AiDialectName;
  /** Members of the request beside `model`. */
  readonly request: Readonly<Record<string, unknown>>;
  /** Default 200. */
  readonly status?: number;
  /** Headers beside `Content-Type`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `text/event-stream`. */
  readonly type?: "application/json";
  /** What is sent. @param asksUsage whether the request that arrived asks for usage at the end of a stream */
  readonly steps: (asksUsage: boolean) => readonly Step[];
  /** The body is compressed, although nobody accepts it. */
  readonly isCompressed?: boolean;
  /** The end of the connection ends the response, as in HTTP/1.0. */
  readonly isCloseDelimited?: boolean;
  /** The connection is reset within the response. */
  readonly isCut?: boolean;
  /** What the provider reports, if it does. */
  readonly usage?: ReportedUsage;
}
