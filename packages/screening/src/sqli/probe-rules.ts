import type { MatchSet } from "../match-set.ts";
import { Score } from "../score.ts";
import type { SqlContext } from "./context.ts";
import { scoreOf, type ScoreRow } from "./score-table.ts";
import { Kind, type SqlTokens } from "./sql-tokens.ts";
import { strongProbes, Word } from "./words.ts";

/** The call of a function that probes a database. */
interface ProbeCall {
  readonly context: SqlContext;
  readonly tokens: SqlTokens;
  /** The token of its name. */
  readonly at: number;
  /** In lower case. */
  readonly name: string;
}

/** `sleep(5)`, `extractvalue(1,…)`, `benchmark(1e6,md5(1))` where SQL goes on. `at` is the name of the function. */
export function findProbe(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  if (tokens.kind(at + 1) !== Kind.open && tokens.kind(at + 1) !== Kind.dot) return;
  const name = tokens.value(at).toLowerCase();
  if (!strongProbes.has(name) || (tokens.kind(at - 1) === Kind.dot && tokens.endOf(at - 1) === tokens.start(at))) return;
  matches.add("probe-function", scoreOf(probeScores, { context, tokens, at, name }), tokens.start(at), tokens.endOf(at + 1));
}

/** Words of SQL after which a value is expected. */
const beforeValue = new Set<number>([Word.logic, Word.select, Word.not, Word.compare, Word.by]);

/** Names that exist in databases only and that no report or HTML form needs. */
const alwaysProbes = new Set("extractvalue updatexml pg_sleep randomblob gtid_subset dbms_pipe utl_inaddr utl_http dbms_lock".split(" "));

/** How sure it is that the call of a probe was injected; the first row that holds decides. */
export const probeScores: readonly ScoreRow<ProbeCall>[] = [
  [({ context, at }) => context.insideStatement(at), Score.weak, "select a, sleep(5) from t"],
  [({ tokens, at }) => tokens.kind(at - 1) === Kind.logic || beforeValue.has(tokens.meaning(at - 1)), Score.certain, "1 or sleep(5)"],
  [({ context, at }) => context.breaks(at - 1), Score.certain, "x'sleep(5)"],
  [({ context, tokens, at }) => tokens.kind(at - 1) === Kind.operator && context.breaks(at - 2), Score.certain, "x'-sleep(a)"],
  [({ tokens, at }) => tokens.kind(at - 1) === Kind.operator && tokens.kind(at + 2) === Kind.number, Score.certain, "a-sleep(5)"],
  [({ context, tokens, at }) => tokens.kind(at - 1) === Kind.dot && context.breaks(at - 2), Score.certain, "x'. sleep(a)"],
  [({ tokens, at }) => tokens.kind(at - 1) === Kind.open && tokens.meaning(at - 2) === Word.select, Score.certain, "select(sleep(5))"],
  [
    ({ tokens, at, name }) => name === "sleep" && tokens.kind(at - 1) === Kind.comma && tokens.kind(at + 3) === Kind.close,
    Score.certain,
    "a,sleep(5)",
  ],
  [
    ({ context, tokens, at }) => tokens.kind(at + 2) === Kind.number && context.startsPart(at) && at + 6 >= tokens.length,
    Score.certain,
    "sleep(5)",
  ],
  [
    ({ tokens, at, name }) => name === "sleep" && tokens.kind(at + 3) === Kind.close && tokens.kind(at + 4) === Kind.compare,
    Score.certain,
    "a sleep(5)=0",
  ],
  [
    ({ tokens, at, name }) => name === "load_file" && (tokens.kind(at + 2) === Kind.quote || tokens.value(at + 2).startsWith("0x")),
    Score.certain,
    "a load_file('/b')",
  ],
  [({ name }) => name === "load_file", Score.doubtful, "a load_file(b)"],
  [
    ({ tokens, at, name }) => name === "benchmark" && tokens.kind(at + 2) === Kind.number && tokens.kind(at + 3) === Kind.comma,
    Score.certain,
    "a benchmark(9,b)",
  ],
  [({ name }) => name === "benchmark", Score.doubtful, "a benchmark(b)"],
  [({ name }) => alwaysProbes.has(name), Score.certain, "a pg_sleep(b)"],
  [({ tokens, at }) => tokens.kind(at - 1) === Kind.comma && tokens.kind(at - 2) === Kind.number, Score.certain, "1,json_keys(b)"],
  [() => true, Score.doubtful, "a sleep(5)"],
];

/** Whether an operand begins with the call of a function that probes a database. */
export function isProbe(tokens: SqlTokens, from: number): boolean {
  for (let at = from; at < from + 4; at += 1) {
    const meaning = tokens.meaning(at);
    if (meaning === Word.probe || meaning === Word.char) return tokens.kind(at + 1) === Kind.open || tokens.kind(at + 1) === Kind.dot;
    // `(select)` is a word in parentheses.
    if (meaning === Word.select) return tokens.kind(at + 1) !== Kind.close && tokens.kind(at + 1) !== Kind.end;
    if (meaning === Word.case) return true;
  }
  return false;
}
