/** Parts of a text that its author marked as code: fenced blocks and inline backticks of Markdown. */
export type CodeSpans = readonly (readonly [start: number, end: number])[];

export const noSpans: CodeSpans = [];
const maxInline = 400;
const maxSpans = 4_000;

/** Finds marked code in one pass; a fence that nothing closes marks nothing. */
export function codeSpans(text: string): CodeSpans {
  let at = text.indexOf("`");
  if (at === -1) return noSpans;
  const spans: [number, number][] = [];
  while (at !== -1 && spans.length < maxSpans) {
    const fence = text.startsWith("```", at);
    const close = fence ? text.indexOf("```", at + 3) : text.indexOf("`", at + 1);
    if (close === -1) break;
    const end = close + (fence ? 3 : 1);
    const marks = fence || isInline(text, at, close);
    if (marks) spans.push([at, end]);
    at = text.indexOf("`", marks ? end : at + 1);
  }
  return spans;
}

/** Something short in one line, between characters that are no letters. */
function isInline(text: string, open: number, close: number): boolean {
  if (close - open > maxInline || close === open + 1) return false;
  const line = text.slice(open + 1, close);
  return !line.includes("\n") && !isWord(text.charCodeAt(open - 1)) && !isWord(text.charCodeAt(close + 1));
}

function isWord(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x3d;
}

/** Whether a position is inside one of the spans. */
export function isInCode(spans: CodeSpans, position: number): boolean {
  let low = 0;
  let high = spans.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [start, end] = spans[middle] ?? [0, 0];
    if (position < start) high = middle - 1;
    else if (position >= end) low = middle + 1;
    else return true;
  }
  return false;
}
