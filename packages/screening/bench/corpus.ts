import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** An attack of a corpus: JSON lines with these members. */
export interface Attack {
  readonly id: string;
  readonly class: string;
  /** `inject` breaks out of data, `statement` is whole by itself, `fragment` is too short to tell. */
  readonly ctx: string;
  /** A string, a JSON value, or a query string. */
  readonly shape: string;
  readonly payload: string;
}

/** An innocent text of a corpus. */
export interface Innocent {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
}

export interface Corpus {
  readonly attacks: readonly Attack[];
  readonly innocents: readonly Innocent[];
}

/** Reads every `attack-*.jsonl` and `benign-*.jsonl` of a folder. */
export function readCorpus(folder: string): Corpus {
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  const rows = (prefix: string): unknown[] =>
    files.filter((name) => name.startsWith(prefix)).flatMap((name) => readRows(join(folder, name)));
  return { attacks: rows("attack-") as Attack[], innocents: rows("benign-") as Innocent[] };
}

function readRows(file: string): unknown[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as unknown);
}

/** The `aside` quarter of the texts, the `rest`, or all. */
export function partOf({ attacks, innocents }: Corpus, part: string | undefined): Corpus {
  if (part === undefined) return { attacks, innocents };
  if (part !== "aside" && part !== "rest") throw new Error("a part is `aside` or `rest`");
  const isIn = (text: string): boolean => isAside(text) === (part === "aside");
  return { attacks: attacks.filter(({ payload }) => isIn(payload)), innocents: innocents.filter(({ text }) => isIn(text)) };
}

function isAside(text: string): boolean {
  return Number.parseInt(sha256(`screening:${text}`).slice(0, 2), 16) % 4 === 0;
}

/** Puts an attack behind an ordinary question, always the same one for the same attack. */
export function makeEmbedding(innocents: readonly Innocent[]): (attack: Pick<Attack, "id" | "payload">) => string {
  const questions = innocents
    .filter(({ kind, text }) => kind === "natural" && isQuestion(text))
    .map(({ id, text }) => ({ text, hash: sha256(id) }))
    .toSorted((a, b) => (a.hash < b.hash ? -1 : 1));
  if (questions.length === 0) throw new Error("the corpus has no innocent texts of the kind `natural` to put attacks behind");
  return ({ id, payload }) => `${questions[Number.parseInt(sha256(id).slice(0, 8), 16) % questions.length]?.text} ${payload}`;
}

/** Between 20 and 200 characters, which are not the same as code units. */
function isQuestion(text: string): boolean {
  const { length } = Array.from(text);
  return length > 20 && length < 200;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
