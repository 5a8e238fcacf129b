import type { MemberPath, UsageMembers } from "../dialects/dialect.ts";
import { firstAt } from "./lookup.ts";

/** Kinds of tokens that a backend counts. */
type Kind = "input" | "output" | "cachedInput" | "cacheWrite" | "reasoning";

type Counts = Readonly<Partial<Record<Kind, number>>>;

/** What a backend has reported of its tokens. What it reports later replaces what it reported before: counts are totals up to then. */
export class ReportedCounts {
  readonly #members: UsageMembers;
  #counts: Counts = {};
  /** Of work that those leave out. */
  #further: readonly Counts[] = [];

  constructor(members: UsageMembers) {
    this.#members = members;
  }

  read(usage: unknown): void {
    const { further } = this.#members;
    this.#counts = { ...this.#counts, ...countsIn(usage, this.#members) };
    const list = further === undefined ? undefined : firstAt(usage, [further.list]);
    if (further === undefined || !Array.isArray(list)) return;
    const entries = (list as readonly unknown[]).filter((entry) => further.types.includes(String(firstAt(entry, [["type"]]))));
    this.#further = entries.map((entry) => countsIn(entry, this.#members));
  }

  /** All tokens of a kind; `undefined` as long as none were reported. `input` includes those from and to a cache. */
  of(kind: Kind): number | undefined {
    const all = [this.#counts, ...this.#further].filter((counts) => counts[kind] !== undefined);
    return all.length === 0 ? undefined : all.reduce((sum, counts) => sum + this.#countOf(counts, kind), 0);
  }

  #countOf(counts: Counts, kind: Kind): number {
    const { cachedInput = 0, cacheWrite = 0 } = counts;
    const besides = kind === "input" && !this.#members.inputIncludesCache ? cachedInput + cacheWrite : 0;
    return (counts[kind] ?? 0) + besides;
  }
}

function countsIn(usage: unknown, members: UsageMembers): Counts {
  const counts: Partial<Record<Kind, number>> = {};
  for (const kind of ["input", "output", "cachedInput", "cacheWrite", "reasoning"] as const) {
    const count = countAt(usage, members[kind]);
    if (count !== undefined) counts[kind] = count;
  }
  const beyondInput = (countAt(usage, members.total ?? []) ?? 0) - (counts.input ?? Infinity);
  if (beyondInput > (counts.output ?? 0)) counts.output = beyondInput;
  return counts;
}

function countAt(usage: unknown, paths: readonly MemberPath[]): number | undefined {
  const value = firstAt(usage, paths);
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
