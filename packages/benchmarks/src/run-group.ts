import type { Case } from "./cases.ts";
import type { Contestant, ContestantId } from "./contestants/contestant.ts";
import { type Conditions, type Sample, Trial } from "./trial.ts";

/** Long enough for the caches of the processor to be the contestant's own, short against the minutes in which the speed of a machine changes. */
const turnSeconds = 2;

/** How long each is loaded as in its turns, before the first one. */
const settleSeconds = 4;

/** All rounds of one contestant under one kind of traffic. */
export interface ContestantResult {
  readonly contestant: ContestantId;
  readonly samples: Sample[];
  /** Why it could not be measured to the end. */
  failure?: string;
}

export interface Entrant {
  readonly contestant: Contestant;
  readonly result: ContestantResult;
  trial?: Trial;
}

/**
 * Starts and warms up a group, then loads one after the other for a short turn, again and again. What one turn of all takes is seconds, so
 * that a machine whose speed changes from minute to minute changes it for all of them.
 */
export async function runGroup(
  group: readonly Entrant[],
  each: Case,
  conditions: Conditions,
  seconds: number,
  say: (what: string) => void,
) {
  const attempt = async (entrant: Entrant, what: string, work: () => Promise<void>): Promise<void> => {
    if (entrant.result.failure !== undefined) return;
    say(`${entrant.contestant.label}, ${what}`);
    await work().catch((error: Error) => {
      entrant.result.failure = error.message;
      say(`${entrant.contestant.label} failed and is out: ${error.message.split("\n", 1).join("")}`);
    });
  };
  const turns = each.inTurns === true ? Math.ceil(seconds / turnSeconds) : 1;
  try {
    for (const entrant of group) {
      await attempt(entrant, "warm-up", async () => void (entrant.trial = await Trial.begin(entrant.contestant, each, conditions)));
    }
    // The first to be warm has rested since, and gives back memory when it rests. After a warm-up by another load, V8 compiles some again.
    if (turns > 1) for (const entrant of group) await attempt(entrant, "warm again", async () => entrant.trial?.settle(settleSeconds));
    for (let turn = 1; turn <= turns; turn += 1) {
      for (const entrant of group) {
        await attempt(entrant, `turn ${turn} of ${turns}`, async () => entrant.trial?.takeTurn(turns > 1 ? turnSeconds : seconds));
      }
    }
  } finally {
    for (const { trial, result } of group) {
      if (trial !== undefined && result.failure === undefined) result.samples.push(trial.sample());
      await trial?.stop();
    }
  }
}
