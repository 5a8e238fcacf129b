import { Score } from "../score.ts";
import type { Comparison } from "./comparison.ts";
import type { ScoreRow } from "./score-table.ts";
import { Kind } from "./sql-tokens.ts";
import { Word } from "./words.ts";

/** How sure it is that a comparison after `or` or `and` was added to a query; the first row that holds decides. */
export const comparisonScores: readonly ScoreRow<Comparison>[] = [
  [({ right, position }) => right === undefined && position === "quote", Score.certain, "x' or a ="],
  [({ right }) => right === undefined, Score.weak, "1 or a ="],
  [(it) => it.isSame && (it.isLogicWord || it.context.startsPart(it.at)) && !it.insideStatement, Score.certain, "1 or a=a"],
  [({ isSame }) => isSame, Score.doubtful, "f(x) && a == a"],
  [
    (it) => it.tokens.kind(it.at - 1) === Kind.quote && !it.insideStatement && it.endsText && it.context.endsInComment,
    Score.certain,
    "x' or a like b --",
  ],
  [
    (it) => it.position !== undefined && it.bySymbol && it.tokens.kind(it.next) === Kind.comment && it.endsText,
    Score.certain,
    "1 or a=b --",
  ],
  // A whole statement that is asked about; an injected one has its end commented away.
  [
    (it) => it.hasLiterals && it.position !== "quote" && it.context.insideWholeStatement(it.at),
    Score.doubtful,
    "select a from t where b or 1=1",
  ],
  [({ comparesConstantByWord }) => comparesConstantByWord, Score.certain, "x or 8 like 8"],
  [(it) => it.hasLiterals && it.bySymbol && it.isSqlLogic, Score.proven, "1 or 1=1"],
  [({ hasLiterals, bySymbol }) => hasLiterals && bySymbol, Score.weak, "a && 1 == 1"],
  [({ hasLiterals, position }) => hasLiterals && (position === "number" || position === "start"), Score.likely, "1 or 'a' like 'a'"],
  [
    (it) => it.position === "quote" && (it.bySymbol || it.hasLiteralRight || it.tokens.kind(it.left.next) !== Kind.word),
    Score.certain,
    "x' or a=b",
  ],
  [({ position }) => position === "quote", Score.doubtful, "x' or a like b"],
  [
    (it) => it.position === "number" && it.hasLiteralRight && it.tokens.meaning(it.left.next) === Word.compare,
    Score.likely,
    "1 or a like 'b'",
  ],
  [({ insideStatement }) => insideStatement, Score.none, "select a from t where b = 1 or c = d"],
  [(it) => it.position === "number" && it.bySymbol && it.isWholeValue, Score.likely, "1 or a=b"],
  [({ position }) => position === "number", Score.doubtful, "1 or a like b(c)"],
  [({ position, bySymbol }) => position === "close" && bySymbol, Score.likely, ") or a=b"],
  [({ position }) => position === "close", Score.weak, ") or a like b"],
  [({ position, bySymbol, hasCall }) => position === "start" && bySymbol && hasCall, Score.certain, "or f(1)=b"],
  [({ position, bySymbol }) => position === "start" && bySymbol, Score.doubtful, "or a=b"],
  [({ bySymbol, probes }) => bySymbol && probes, Score.certain, "x and sleep(1)=b"],
];
