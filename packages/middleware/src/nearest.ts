/** The candidate that differs from the word in the fewest edits, if it is near enough to be what was meant: at most `maxEdits`. */
export function nearest(word: string, candidates: readonly string[], maxEdits: number = Math.max(2, word.length / 4)): string | undefined {
  const ranked = candidates.map((candidate) => ({ candidate, edits: editDistance(word.toLowerCase(), candidate.toLowerCase()) }));
  const best = ranked.reduce((a, b) => (b.edits < a.edits ? b : a), { candidate: "", edits: Infinity });
  return best.edits <= maxEdits ? best.candidate : undefined;
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let index = 0; index < a.length; index += 1) {
    const above = row;
    row = [index + 1];
    for (let column = 0; column < b.length; column += 1) {
      const substitution = (above[column] ?? 0) + (a[index] === b[column] ? 0 : 1);
      row.push(Math.min(substitution, (above[column + 1] ?? 0) + 1, (row[column] ?? 0) + 1));
    }
  }
  return row[b.length] ?? 0;
}
