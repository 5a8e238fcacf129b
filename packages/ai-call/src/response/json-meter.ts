import { Pieces } from "@aivillage/middleware";

import type { AiDialect } from "../dialects/dialect.ts";
import { valuesAt } from "./lookup.ts";
import { type AiResponseFilter, nothing, type ResponseEnd } from "./response-filter.ts";
import type { UsageRecord } from "./usage-record.ts";

/** The most that is kept of a response. Of a longer one, such as thousands of embeddings, the end is searched for its usage. */
const keptBytes = 1_048_576;
const tailBytes = 16_384;

/** Meters a response in JSON: passes it on at once, and reads it at its end. */
export class JsonMeter implements AiResponseFilter {
  readonly changes = false;
  readonly #record: UsageRecord;
  readonly #response: AiDialect["response"];
  #kept: Pieces | undefined = new Pieces();
  #tail: Buffer = nothing;

  constructor(record: UsageRecord, response: AiDialect["response"]) {
    this.#record = record;
    this.#response = response;
  }

  write(chunk: Buffer): Buffer {
    this.#kept?.push(chunk);
    if ((this.#kept?.bytes ?? 0) > keptBytes) {
      this.#tail = this.#kept?.joined().subarray(-tailBytes) ?? nothing;
      this.#kept = undefined;
    } else if (this.#kept === undefined) this.#tail = Buffer.concat([this.#tail, chunk]).subarray(-tailBytes);
    return chunk;
  }

  end(how: ResponseEnd): Buffer {
    this.#record.ended(how);
    const document = this.#kept === undefined ? usageAtEnd(this.#tail) : parsed(this.#kept.joined().toString("utf8"));
    if (document === undefined) return nothing;
    this.#record.read(document);
    this.#record.complete();
    if (this.#record.isReported) return nothing;
    for (const path of this.#response.text) {
      for (const text of valuesAt(document, path)) this.#record.text.text(typeof text === "string" ? text : JSON.stringify(text));
    }
    return nothing;
  }
}

/** The last usage object of a response that was too long to keep. Inside strings the quotes of its name would be escaped. */
function usageAtEnd(tail: Buffer): unknown {
  const text = tail.toString("latin1");
  const at = text.lastIndexOf('"usage"');
  const [object] = /^"usage"\s*:\s*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/.exec(text.slice(at)) ?? [];
  return at === -1 || object === undefined ? undefined : parsed(`{${object}}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
