import { Chunks } from "@aivillage/middleware";

import type { AiDialect } from "../dialects/dialect.ts";
import { valuesAt } from "./lookup.ts";
import { type AiResponseFilter, nothing, type ResponseEnd } from "./response-filter.ts";
import { tailOf, usageAtEnd } from "./usage-at-end.ts";
import type { UsageRecord } from "./usage-record.ts";

/** The most that is kept of a response. Of a longer one, such as thousands of embeddings, the end is searched for its usage. */
const keptBytes = 1_048_576;

/** Meters a response in JSON: passes it on at once, and reads it at its end. */
export class JsonMeter implements AiResponseFilter {
  readonly changes = false;
  readonly #record: UsageRecord;
  readonly #response: AiDialect["response"];
  #kept: Chunks | undefined = new Chunks();
  #tail: Buffer = nothing;
  #bytes = 0;
  #isRead = false;

  constructor(record: UsageRecord, response: AiDialect["response"]) {
    this.#record = record;
    this.#response = response;
  }

  write(chunk: Buffer): Buffer {
    this.#bytes += chunk.length;
    this.#kept?.push(chunk);
    if ((this.#kept?.bytes ?? 0) > keptBytes) {
      this.#tail = tailOf(nothing, this.#kept?.joined() ?? nothing);
      this.#kept = undefined;
    } else if (this.#kept === undefined) this.#tail = tailOf(this.#tail, chunk);
    return chunk;
  }

  end(how: ResponseEnd): Buffer {
    this.#record.ended(how);
    this.catchUp();
    return nothing;
  }

  /** Reads what has passed, of a response that will have no end too. */
  catchUp(): void {
    if (this.#isRead) return;
    this.#isRead = true;
    const text = this.#kept?.joined().toString("utf8");
    const document = text === undefined ? usageAtEnd(this.#tail) : parsed(text);
    if (document === undefined) return this.#estimate(text);
    this.#record.read(document);
    this.#record.complete();
    if (this.#record.isReported) return;
    for (const path of this.#response.text) {
      for (const value of valuesAt(document, path)) this.#record.text.text(typeof value === "string" ? value : JSON.stringify(value));
    }
  }

  /** A response that was broken off, or is too long and reports no usage. */
  #estimate(text: string | undefined): void {
    if (text === undefined) this.#record.unread(this.#bytes);
    else if (this.#response.text.length > 0) this.#record.text.text(text);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
