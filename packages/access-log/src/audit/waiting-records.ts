import { escapeLine } from "../controls.ts";
import { cleanFields } from "../redact.ts";
import type { Batch } from "./audit-writer.ts";
import { type AuditHead, type AuditKey, makeLine } from "./chain.ts";

interface Waiting {
  readonly timeMs: number;
  readonly json: string;
}

/** With its time and digests it stays below the longest line. */
const longestRecord = 32_768;
const mostInBatch = 1_000;

/** Records that wait for the disk. */
export class WaitingRecords {
  readonly #most: number;
  #records: Waiting[] = [];
  /** Records that found no room, since the last line that counts them. */
  lost = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#records.length === 0 && this.lost === 0;
  }

  add(record: object): void {
    if (this.#records.length >= this.#most) this.lost += 1;
    else this.#records.push({ timeMs: Date.now(), json: toJson(record) });
  }

  /** Takes the oldest records, as lines that follow the head. Lost records count as one after those that found room. */
  take(before: AuditHead, key: AuditKey): Batch {
    const records = this.#records.splice(0, mostInBatch);
    if (this.#records.length === 0 && this.lost > 0) {
      records.push({ timeMs: Date.now(), json: JSON.stringify({ lost_records: this.lost }) });
      this.lost = 0;
    }
    let head = before;
    let text = "";
    for (const { timeMs, json } of records) {
      const line = makeLine(head, new Date(timeMs).toISOString(), json, key);
      text += line.text;
      head = line.head;
    }
    return { text, firstSeq: before.seq + 1, firstTimeMs: records[0]?.timeMs ?? Date.now(), head };
  }
}

/** Secrets are left out by name, as in log lines. Nothing that it is given can make it throw or break the line. */
function toJson(record: object): string {
  const json = escapeLine(JSON.stringify(cleanFields(record)));
  return Buffer.byteLength(json) <= longestRecord ? json : JSON.stringify({ left_out: `a record of ${Buffer.byteLength(json)} bytes` });
}
