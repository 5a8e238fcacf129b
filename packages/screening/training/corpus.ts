import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A labelled text. */
export interface Row {
  readonly id: string;
  readonly isAttack: boolean;
  readonly text: string;
  /** The class of an attack, the kind of an innocent text. */
  readonly kind: string;
  /** Of an attack: `inject` breaks out of data, `statement` is whole by itself, `fragment` is too short to tell. */
  readonly context: string;
  /** Where the text is from; what shares a source is never on both sides of a fold. */
  readonly source: string;
  /** Whether its licence lets it train weights that are published. */
  readonly mayTrain: boolean;
}

interface Line {
  readonly id: string;
  readonly class?: string;
  readonly kind?: string;
  readonly ctx?: string;
  readonly shape?: string;
  readonly payload?: string;
  readonly text?: string;
  readonly source: string;
}

type Sources = Readonly<Record<string, { readonly train: boolean }>>;

/** Sources that are parts of one. */
const families = ["Debian fortunes", "self-instruct", "codealpaca"] as const;
const aliases: Readonly<Record<string, string>> = {
  "openai/grade-school-math test": "gsm8k",
  "FastChat mt_bench reference replies": "mt_bench",
};

/** Reads the strings of a corpus: `attack-*.jsonl`, `benign-*.jsonl`, and `sources.json`. */
export function readRows(folder: string): Row[] {
  const sources = JSON.parse(readFileSync(join(folder, "sources.json"), "utf8")) as Sources;
  const files = readdirSync(folder).filter((name) => /^(?:attack|benign)-.*\.jsonl$/.test(name));
  return files.toSorted().flatMap((name) => readLines(join(folder, name)).map((line) => toRow(line, name.startsWith("attack-"), sources)));
}

function readLines(file: string): Line[] {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Line).filter(({ shape = "string" }) => shape === "string");
}

function toRow(line: Line, isAttack: boolean, sources: Sources): Row {
  const name = sourceName(line.source, sources);
  return {
    id: line.id,
    isAttack,
    text: ((isAttack ? line.payload : line.text) ?? "").toWellFormed(),
    kind: (isAttack ? line.class : line.kind) ?? "",
    context: line.ctx ?? "",
    source: families.find((family) => name.startsWith(family)) ?? aliases[name] ?? name,
    mayTrain: sources[name]?.train === true,
  };
}

function sourceName(source: string, sources: Sources): string {
  const name = source.split(":", 1)[0] ?? "";
  return name in sources ? name : (Object.keys(sources).find((known) => source.startsWith(known)) ?? name);
}

/** Deals whole sources to folds of about the same size, those of attacks, of innocent texts and of files apart. */
export function dealFolds(rows: readonly Row[], files: readonly { readonly source: string }[], folds: number): ReadonlyMap<string, number> {
  const foldOf = new Map<string, number>();
  for (const texts of [rows.filter(({ isAttack }) => isAttack), rows.filter(({ isAttack }) => !isAttack), files]) {
    const sizes = Array.from({ length: folds }, () => 0);
    for (const [source, size] of sizesOf(texts)) {
      const fold = foldOf.get(source) ?? sizes.indexOf(Math.min(...sizes));
      foldOf.set(source, fold);
      sizes[fold] = (sizes[fold] ?? 0) + size;
    }
  }
  return foldOf;
}

/** The sources, the largest first. */
function sizesOf(rows: readonly { readonly source: string }[]): [source: string, size: number][] {
  const sizes = new Map<string, number>();
  for (const { source } of rows) sizes.set(source, (sizes.get(source) ?? 0) + 1);
  return [...sizes].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
