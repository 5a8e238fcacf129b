/**
 * How sure a rule is that it sees an attack, from 1 to 10. A strict field counts from `weak`, prose from `likely`, unless the caller
 * names another threshold.
 */
export const Score = {
  none: 0,
  /** Anything that a rule reports at all. */
  least: 1,
  /** Technical text has it as often as an attack does. */
  weak: 4,
  /** The syntax of an attack, in text that is probably about it. */
  doubtful: 5,
  likely: 7,
  /** From this score on, marking something as code does not make it harmless. */
  certain: 8,
  /** It can be nothing else. */
  proven: 9,
  most: 10,
} as const;
