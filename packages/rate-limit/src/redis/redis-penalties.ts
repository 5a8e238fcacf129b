import { setTimeout as delay } from "node:timers/promises";

import { runScript, type SendCommand } from "@aivillage/middleware";

import { lookEveryMs, type PenaltyRecord, type PenaltyRecords, type PenaltySnapshot } from "../penalty-records.ts";
import { digest, type Penalty, type PenaltyList } from "../penalty/penalty-box.ts";
import { noteRepaired } from "./entries.ts";
import { penaltyPageScript, readPenaltiesScript, removePenaltyScript, writePenaltyScript } from "./penalty-scripts.ts";

const mostListed = 10_000;

/** The penalties in Redis, under one name, by the clock of Redis. */
export class RedisPenalties implements PenaltyRecords {
  readonly #send: SendCommand;
  readonly #names: readonly [string];

  constructor(send: SendCommand, name: string) {
    this.#send = send;
    this.#names = [name];
  }

  async read(known: string, longestMs: number): Promise<PenaltySnapshot | undefined> {
    const args = [known, String(longestMs)];
    const [version, now, repaired, ...pairs] = (await runScript(this.#send, readPenaltiesScript, this.#names, args)) as string[];
    if (version === undefined) return undefined;
    noteRepaired("penalties", Number(repaired));
    return { version, records: toRecords(pairs, Number(now)) };
  }

  async write({ key, reason, durationMs, remainingMs }: PenaltyRecord): Promise<void> {
    const args = [key, String(Math.ceil(remainingMs)), String(durationMs), reason];
    await runScript(this.#send, writePenaltyScript, this.#names, args);
  }

  async remove(key: string): Promise<void> {
    await this.#remove(key);
  }

  /** Page by page, so that nobody waits long for Redis meanwhile. */
  async list(): Promise<PenaltyList> {
    const found = new Map<string, Penalty>();
    let cursor = "0";
    do {
      const [next = "0", now, ...pairs] = (await runScript(this.#send, penaltyPageScript, this.#names, [cursor])) as string[];
      for (const { key, reason, remainingMs } of toRecords(pairs, Number(now))) {
        found.set(key, { key, client: digest(key), reason, remainingMs });
      }
      cursor = next;
    } while (cursor !== "0" && found.size <= mostListed);
    return { penalties: [...found.values()].slice(0, mostListed), isComplete: found.size <= mostListed };
  }

  /** Those that were penalised, once every process has had the time to look twice. */
  async clear(keys: readonly string[]): Promise<string[]> {
    const wasPenalised = await Promise.all(keys.map((key) => this.#remove(key)));
    const cleared = keys.filter((_, index) => wasPenalised[index]);
    if (cleared.length > 0) await delay(2 * lookEveryMs);
    return cleared;
  }

  async #remove(key: string): Promise<boolean> {
    return (await runScript(this.#send, removePenaltyScript, this.#names, [key])) === 1;
  }
}

/** What stands in pairs of client and value. */
function toRecords(pairs: readonly string[], nowMs: number): PenaltyRecord[] {
  const records: PenaltyRecord[] = [];
  for (let at = 0; at < pairs.length; at += 2) records.push(toRecord(pairs[at] ?? "", pairs[at + 1] ?? "", nowMs));
  return records;
}

function toRecord(key: string, value: string, nowMs: number): PenaltyRecord {
  const [ends = "", length = "", ...reason] = value.split(" ");
  return { key, reason: reason.join(" "), durationMs: Number(length), remainingMs: Number(ends) - nowMs };
}
