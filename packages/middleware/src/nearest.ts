/** The candidate that differs from a misspelt word in the fewest edits, in any case of letters; `undefined` when it takes more than `maxEdits`. */
export function nearest(word: string, candidates: readonly string[], maxEdits: number = editsFor(word)): string | undefined {
  // Each character more or less is an edit.
  const possible = candidates.filter(({ length }) => Math.abs(length - word.length) <= maxEdits);
  const ranked = possible.map((candidate) => ({ candidate, edits: editDistance(word.toLowerCase(), candidate.toLowerCase()) }));
  const best = ranked.reduce((a, b) => (b.edits < a.edits ? b : a), { candidate: "", edits: Infinity });
  return best.edits <= maxEdits ? best.candidate : undefined;
}

/** With two edits, a short word is near to almost any other. */
function editsFor(word: string): number {
  return word.length < 6 ? 1 : Math.max(2, word.length / 4);
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
