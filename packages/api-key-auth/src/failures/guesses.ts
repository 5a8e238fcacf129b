import type { FailureReason } from "../events.ts";

/**
 * Whether a refused credential may be a guess: a text that would have been accepted if it had been chosen right.
 *
 * Expired, revoked and misdirected credentials prove that their sender holds a genuine one, and a wrong checksum can never be
 * accepted: neither is a guess.
 */
export function isGuess(reason: FailureReason): boolean {
  return reason === "unknown" || reason === "bad-token";
}
