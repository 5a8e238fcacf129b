import type { Weights } from "../src/judgement/weights.ts";
import { screen } from "../src/screen.ts";
import type { Judged, Opinion } from "./cross-validate.ts";

/** Decides by the limits of the judge. */
export type Limits = Weights["limits"];

const prosaic = new Set("natural db-question names literary multilingual math persona-prompt shell-question".split(" "));
const hard = new Set(["naughty", "waf-fp", "waf-fp-crs"]);

export function isRefused({ counts, sees, weight }: Opinion, { disagree, certain, unseen }: Limits): boolean {
  if (counts) return weight > disagree;
  return weight > (sees ? certain : unseen);
}

/** Whether a text is refused, at the limits for models that have not seen its source. */
export type Decide = (opinion: Opinion, limits: Limits) => boolean;

/** Texts that are refused, of all. */
export interface Rate {
  hits: number;
  all: number;
}

/** Counts by name; each text counts under several. */
export class Rates {
  readonly #rates = new Map<string, Rate>();

  add(isHit: boolean, ...names: readonly string[]): void {
    for (const name of names) {
      const rate = this.of(name);
      rate.hits += Number(isHit);
      rate.all += 1;
      this.#rates.set(name, rate);
    }
  }

  of(name: string): Rate {
    return this.#rates.get(name) ?? { hits: 0, all: 0 };
  }

  names(prefix: string): string[] {
    return [...this.#rates.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  }
}

/** Counts attacks by class, alone and after a question, and innocent texts by kind and group. */
export function count(judged: readonly Judged[], decideAt: Decide): Rates {
  const rates = new Rates();
  for (const { row, alone, after, afterElsewhere, explained, elsewhere, limits } of judged) {
    const decide = (opinion: Opinion): boolean => decideAt(opinion, limits);
    if (!row.isAttack) rates.add(decide(alone), `kind ${row.kind}`, `group ${groupOf(row.kind)}`);
    else if (row.context === "inject") {
      rates.add(decide(alone), `alone ${row.kind}`, "alone");
      if (explained !== undefined) rates.add(decide(explained), "explained");
      if (elsewhere !== undefined) rates.add(decide(elsewhere), "elsewhere");
      if (after !== undefined) rates.add(decide(after), `after ${row.kind}`, "after");
      if (afterElsewhere !== undefined) rates.add(decide(afterElsewhere), `after elsewhere ${row.kind}`, "after elsewhere");
    }
  }
  return rates;
}

/** Counts what a strict field refuses, where nothing is judged. */
export function countStrict(judged: readonly Judged[]): Rates {
  const rates = new Rates();
  for (const { row } of judged) {
    if (!row.isAttack || row.context !== "inject") continue;
    rates.add(screen(row.text, { profile: "strict" }).length > 0, `strict ${row.kind}`, "strict");
  }
  return rates;
}

export function groupOf(kind: string): string {
  if (hard.has(kind)) return "hard negatives";
  if (kind.startsWith("everyday")) return "everyday";
  return prosaic.has(kind) ? "prose" : "technical";
}

/** A rate in percent with its 95 % interval by Wilson's score, or of something that follows from the rate and grows with it. */
export function format({ hits, all }: Rate, follows = (share: number): number => share): string {
  if (all === 0) return "-";
  const z = 1.96;
  const share = hits / all;
  const middle = (share + (z * z) / (2 * all)) / (1 + (z * z) / all);
  const half = (z / (1 + (z * z) / all)) * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all));
  const [least, most] = [Math.max(0, middle - half), Math.min(1, middle + half)];
  return `${percent(follows(share))} (${percent(follows(least))} to ${percent(follows(most))})`;
}

export function percent(share: number): string {
  return (100 * share).toFixed(2);
}

export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return [header, header.map(() => "---"), ...rows].map(line).join("");
}
