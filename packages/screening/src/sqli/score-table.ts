import { Score } from "../score.ts";

/** What has to hold, how sure the rule then is, and a text for which this row decides. */
export type ScoreRow<Facts> = readonly [when: (facts: Facts) => boolean, score: number, example: string];

/** The score of the first row that holds; `Score.none` when no row does. */
export function scoreOf<Facts>(rows: readonly ScoreRow<Facts>[], facts: Facts): number {
  for (const [when, score] of rows) if (when(facts)) return score;
  return Score.none;
}
