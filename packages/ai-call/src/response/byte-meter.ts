import { type AiResponseFilter, nothing, type ResponseEnd } from "./response-filter.ts";
import type { UsageRecord } from "./usage-record.ts";

/** Counts the bytes of a response that cannot be read: it is compressed, or of an unknown type. */
export class ByteMeter implements AiResponseFilter {
  readonly changes = false;
  readonly #record: UsageRecord;

  constructor(record: UsageRecord) {
    this.#record = record;
  }

  write(chunk: Buffer): Buffer {
    this.#record.unread(chunk.length);
    return chunk;
  }

  end(how: ResponseEnd): Buffer {
    this.#record.ended(how);
    return nothing;
  }
}
