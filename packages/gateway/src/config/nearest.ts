import { distance } from "fastest-levenshtein";

/** The candidate nearest to a misspelt word, in any case of letters; `undefined` if even that differs in more than `maxEdits` letters. */
export function nearest(word: string, candidates: readonly string[], maxEdits = editsFor(word)): string | undefined {
  const ranked = candidates.map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }));
  const best = ranked.reduce((a, b) => (b.edits < a.edits ? b : a), { candidate: "", edits: Infinity });
  return best.edits <= maxEdits ? best.candidate : undefined;
}

/** With two edits, a short word is near to almost any other. */
function editsFor(word: string): number {
  return word.length < 6 ? 1 : Math.max(2, word.length / 4);
}
