import { crc32 } from "node:zlib";

import type { Change } from "../change.ts";
import type { Account } from "../store.ts";

type Row =
  | readonly ["a", id: number, budget: string, key: string, startMs: number, endMs: number]
  | readonly ["h", id: number, call: string, used: number]
  | readonly ["e", id: number, call: string, spent: number]
  | readonly ["s", id: number, spent: number, granted: number];

const header = "aivillage token-budget journal 1";

/** Writes changes as lines, each with a checksum. An account is written in full once and has a number from then on. */
export class LineWriter {
  readonly #ids = new Map<string, number>();

  header(): string {
    return line(header);
  }

  line(changes: Iterable<Change>): string {
    const rows: Row[] = [];
    for (const change of changes) rows.push(this.#row(change, rows));
    return rows.length === 0 ? "" : line(rows);
  }

  #row([kind, account, first, second]: Change, rows: Row[]): Row {
    const id = this.#id(account, rows);
    if (kind === "hold") return ["h", id, first, second];
    return kind === "end" ? ["e", id, first, second] : ["s", id, first, second];
  }

  #id({ budget, key, startMs, endMs }: Account, rows: Row[]): number {
    const name = `${startMs} ${budget} ${key}`;
    let id = this.#ids.get(name);
    if (id === undefined) {
      id = this.#ids.size;
      this.#ids.set(name, id);
      rows.push(["a", id, budget, key, startMs, endMs]);
    }
    return id;
  }
}

function line(content: unknown): string {
  const json = JSON.stringify(content);
  return `${crc32(json).toString(16).padStart(8, "0")} ${json}\n`;
}

/** An account as a journal leaves it. */
export interface Recovered {
  readonly account: Account;
  spent: number;
  granted: number;
  /** Progress of the calls that were running. */
  readonly running: Map<string, number>;
}

/**
 * Reads a journal. What follows its last whole line was being written when its process or machine stopped, and is left out.
 *
 * @throws Error for a file that is no journal, or is damaged before its last line
 */
export function readJournal(text: string): Recovered[] {
  const accounts = new Map<number, Recovered>();
  const lines = text.split("\n").slice(0, -1);
  const bad = lines.findIndex((each) => contentOf(each) === undefined);
  const first = bad === -1 ? lines.length : bad;
  const damaged = lines.slice(first + 1).some((each) => contentOf(each) !== undefined);
  if (lines.length > 0 && contentOf(lines[0] ?? "") !== header) throw new Error("it is not a journal of token budgets");
  if (damaged) throw new Error(`line ${first + 1} is damaged. Cut the file off before that line to go on without what follows`);
  for (const each of lines.slice(1, first)) for (const row of contentOf(each) as Row[]) apply(row, accounts);
  return [...accounts.values()];
}

/** What a line says; `undefined` if it is not whole. */
function contentOf(text: string): unknown {
  const json = text.slice(9);
  if (json === "" || text[8] !== " " || crc32(json) !== Number.parseInt(text.slice(0, 8), 16)) return undefined;
  return JSON.parse(json) as unknown;
}

function apply(row: Row, accounts: Map<number, Recovered>): void {
  if (row[0] === "a") {
    const [, id, budget, key, startMs, endMs] = row;
    accounts.set(id, { account: { budget, key, startMs, endMs }, spent: 0, granted: 0, running: new Map() });
    return;
  }
  const recovered = accounts.get(row[1]);
  if (recovered === undefined) return;
  if (row[0] === "h") recovered.running.set(row[2], row[3]);
  else if (row[0] === "e") {
    recovered.running.delete(row[2]);
    recovered.spent = row[3];
  } else [, , recovered.spent, recovered.granted] = row;
}
