import type { PenaltyRecord, PenaltyRecords, PenaltySnapshot } from "../penalty/penalty-records.ts";
import { readPenaltiesScript, removePenaltyScript, writePenaltyScript } from "./penalty-scripts.ts";
import type { SendCommand } from "./redis-client.ts";
import { runScript } from "./run-script.ts";

/** The penalties in Redis, under one name, by the clock of Redis. */
export class RedisPenalties implements PenaltyRecords {
  readonly #send: SendCommand;
  readonly #names: readonly [string];

  constructor(send: SendCommand, name: string) {
    this.#send = send;
    this.#names = [name];
  }

  async read(known: string): Promise<PenaltySnapshot | undefined> {
    const [version, now, ...pairs] = (await runScript(this.#send, readPenaltiesScript, this.#names, [known])) as string[];
    if (version === undefined) return undefined;
    const records: PenaltyRecord[] = [];
    for (let at = 0; at < pairs.length; at += 2) records.push(toRecord(pairs[at] ?? "", pairs[at + 1] ?? "", Number(now)));
    return { version, records };
  }

  async write({ key, reason, durationMs, remainingMs }: PenaltyRecord): Promise<void> {
    const args = [key, String(Math.ceil(remainingMs)), String(durationMs), reason];
    await runScript(this.#send, writePenaltyScript, this.#names, args);
  }

  async remove(key: string): Promise<void> {
    await runScript(this.#send, removePenaltyScript, this.#names, [key]);
  }
}

function toRecord(key: string, value: string, nowMs: number): PenaltyRecord {
  const [ends = "", length = "", ...reason] = value.split(" ");
  return { key, reason: reason.join(" "), durationMs: Number(length), remainingMs: Number(ends) - nowMs };
}
