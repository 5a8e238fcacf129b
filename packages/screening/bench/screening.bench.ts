/**
 * What the screening catches and refuses in a corpus of labelled texts, alone and behind a question, and what a text costs.
 * Run: `pnpm bench:screening --corpus DIR [--misses FILE] [--part aside|rest]`. A quarter of the texts, by a hash of each, is
 * the part to set aside: who changes rules looks at the misses of the rest. Fails when the median text costs more than 20 us,
 * 10,000 characters of any innocent kind more than 0.5 ms, or 1,000,000 of the worst that is known more than 50 ms.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { screen } from "../src/index.ts";
import { type Attack, makeEmbedding, partOf, readCorpus } from "./corpus.ts";
import { worstUnits } from "./worst-texts.ts";

const { values } = parseArgs({ options: { corpus: { type: "string" }, misses: { type: "string" }, part: { type: "string" } } });
if (values.corpus === undefined) throw new Error("say where the corpus is: --corpus DIR");

const whole = readCorpus(values.corpus);
const embed = makeEmbedding(whole.innocents);
const { attacks, innocents } = partOf(whole, values.part);

const refusesText = (text: string): boolean => screen(text.toWellFormed(), { profile: "prose" }).length > 0;
const refusesKey = (name: string): boolean => isForbiddenKey(name) || screen(name, { profile: "strict" }).some((f) => f.class !== "syntax");

/** Keys that a middleware refuses without reading the text: they change prototypes or are operators of a database. */
function isForbiddenKey(name: string): boolean {
  return name.startsWith("$") || /__proto__|\bconstructor\b|\[\$/.test(name);
}

/** A query string is refused for a name or a strict value, a JSON value for a key or a text in it. */
function catches({ shape, payload }: Attack): boolean {
  if (shape === "form") return [...new URLSearchParams(payload)].some(([name, value]) => refusesKey(name) || refusesStrictly(value));
  if (shape !== "json") return refusesText(payload);
  try {
    return refusesValue(JSON.parse(payload) as unknown);
  } catch {
    return true;
  }
}

const refusesStrictly = (text: string): boolean => screen(text, { profile: "strict" }).length > 0;

function refusesValue(value: unknown): boolean {
  if (typeof value === "string") return refusesStrictly(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, member]) => refusesKey(name) || refusesValue(member));
}

/** Hits and all of a row of the table. */
class Rate {
  hits = 0;
  all = 0;
  add(hit: boolean): boolean {
    this.hits += Number(hit);
    this.all += 1;
    return hit;
  }
  toString(): string {
    return this.all === 0 ? "-" : `${((100 * this.hits) / this.all).toFixed(2)} %`;
  }
}

const rates = new Map<string, Rate>();
const rate = (name: string): Rate => {
  const known = rates.get(name) ?? new Rate();
  rates.set(name, known);
  return known;
};
const percent = (name: string): string => rate(name).toString();
const misses: object[] = [];

for (const attack of attacks) {
  const { class: attackClass, ctx, shape, payload } = attack;
  if (ctx === "fragment") continue;
  if (shape === "string") rate(`strict ${attackClass}`).add(screen(payload, { profile: "strict" }).length > 0);
  if (ctx !== "inject") continue;
  const alone = rate(`alone ${attackClass}`).add(rate("alone all").add(catches(attack)));
  const behind = shape !== "string" || rate(`behind ${attackClass}`).add(rate("behind all").add(refusesText(embed(attack))));
  if (!alone || !behind) misses.push({ missed: alone ? "behind a question" : "alone", class: attackClass, text: payload });
}

const prosaic = new Set(["natural", "db-question", "names", "literary", "multilingual", "math", "persona-prompt", "shell-question"]);
const hard = new Set(["naughty", "waf-fp", "waf-fp-crs"]);
for (const { kind, text } of innocents) {
  const refused = rate(`refused ${kind}`).add(refusesText(text));
  rate(`refused ${hard.has(kind) ? "(hard negatives)" : prosaic.has(kind) ? "(prose together)" : "(technical together)"}`).add(refused);
  if (refused) misses.push({ refused: kind, rules: screen(text, { profile: "prose" }).map((f) => `${f.class}/${f.rule}`), text });
}

const names = (prefix: string): string[] =>
  [...rates.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
console.log("| attack | texts | caught alone | behind a question | by a strict field |\n| --- | --- | --- | --- | --- |");
for (const name of names("alone ").toSorted((a, b) => rate(`alone ${b}`).all - rate(`alone ${a}`).all)) {
  console.log(
    `| ${name} | ${rate(`alone ${name}`).all} | ${percent(`alone ${name}`)} | ${percent(`behind ${name}`)} | ${percent(`strict ${name}`)} |`,
  );
}
console.log("\n| innocent | texts | refused |\n| --- | --- | --- |");
for (const name of names("refused ").toSorted())
  console.log(`| ${name} | ${rate(`refused ${name}`).all} | ${percent(`refused ${name}`)} |`);

if (values.misses !== undefined) writeFileSync(values.misses, misses.map((miss) => `${JSON.stringify(miss)}\n`).join(""));

/** Microseconds of processor time for one call, the best of a few rounds. */
function cost(given: readonly string[], rounds = 25): number {
  // As a parser hands them out, and not as slices of a larger text.
  const texts = JSON.parse(JSON.stringify(given)) as string[];
  let best = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    for (const text of texts) screen(text, { profile: "prose" });
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / texts.length);
  }
  return best;
}

const texts = whole.innocents.map(({ text }) => text).toSorted((a, b) => a.length - b.length);
const ofLength = (length: number): string[] => texts.filter((text) => Math.abs(text.length - length) < length / 5).slice(0, 400);

/** Texts of 10,000 characters, of many texts of a kind. */
function long(isOfKind: (kind: string) => boolean): string[] {
  const joined = whole.innocents
    .filter(({ kind }) => isOfKind(kind))
    .map(({ text }) => text)
    .join("\n");
  return Array.from({ length: 40 }, (_, index) => joined.slice(index * 10_000, (index + 1) * 10_000)).filter(
    (text) => text.length === 10_000,
  );
}

const middle = texts.length / 2;
const median = cost(texts.slice(middle - 200, middle + 200));
const questions = cost(long((kind) => kind === "natural"));
const technical = cost(long((kind) => !prosaic.has(kind) && !hard.has(kind)));
/** Microseconds of 10,000 characters of one kind, the dearest first. */
const kinds = [...new Set(whole.innocents.map(({ kind }) => kind))]
  .map((kind) => ({ kind, texts: long((each) => each === kind) }))
  .flatMap(({ kind, texts: given }) => (given.length === 0 || hard.has(kind) ? [] : [{ kind, us: cost(given) }]))
  .toSorted((a, b) => b.us - a.us);
console.log(`\ncost of a text: median of the innocent ${median.toFixed(1)} us,`);
console.log(`about 200 characters ${cost(ofLength(200)).toFixed(1)} us,`);
console.log(`10,000 characters of questions ${questions.toFixed(0)} us, of code and Markdown ${technical.toFixed(0)} us,`);
console.log(`10,000 characters of each kind ${kinds.map(({ kind, us }) => `${kind} ${us.toFixed(0)}`).join(", ")} us,`);

/** The units, those that cost most when repeated to this length first. */
function worstAt(length: number): { unit: string; us: number }[] {
  const costs = worstUnits.map((unit) => ({ unit, us: cost([unit.repeat(Math.ceil(length / unit.length))], 6) }));
  return costs.toSorted((a, b) => b.us - a.us);
}

const hostile = worstAt(10_000);
const megabyte = worstAt(1_000_000);
const [worst] = megabyte;
console.log(`10,000 characters of ${JSON.stringify(hostile[0]?.unit)} ${hostile[0]?.us.toFixed(0)} us,`);
console.log(
  `1,000,000 characters of ${JSON.stringify(worst?.unit)} ${((worst?.us ?? 0) / 1000).toFixed(0)} ms, the worst of ${worstUnits.length} repeated units,`,
);
console.log(`half of them below ${((megabyte[megabyte.length >> 1]?.us ?? 0) / 1000).toFixed(0)} ms`);

const budgets: readonly (readonly [what: string, us: number, budgetUs: number])[] = [
  ["the median text", median, 20],
  ["10,000 characters of questions", questions, 500],
  ["10,000 characters of code and Markdown", technical, 500],
  [`10,000 characters of ${kinds[0]?.kind}`, kinds[0]?.us ?? 0, 500],
  ["1,000,000 characters of the worst", worst?.us ?? 0, 50_000],
];
for (const [what, us, budgetUs] of budgets) {
  if (us <= budgetUs) continue;
  console.error(`${what}: ${us.toFixed(0)} us, more than ${budgetUs} us`);
  process.exitCode = 1;
}
