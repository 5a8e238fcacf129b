const maxSpace = 16;

/**
 * Whether a value could begin at this position: at the start of the text, or behind a sentence, which is where an attack stands
 * that was added to a question.
 */
export function startsPart(text: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && at - before <= maxSpace && isSpaceCode(text.charCodeAt(before))) before -= 1;
  if (before < 0) return true;
  return before < at - 1 && "?!.:".includes(text.charAt(before));
}

/** The same, but a colon is no end of a sentence: what comes behind one is an example. */
export function startsSentence(text: string, at: number): boolean {
  if (!startsPart(text, at)) return false;
  let before = at - 1;
  while (before >= 0 && isSpaceCode(text.charCodeAt(before))) before -= 1;
  return text.charAt(before) !== ":";
}

/** Whether a blank line stands before this position: what comes behind one was pasted to be looked at. */
export function followsBlankLine(text: string, at: number): boolean {
  let breaks = 0;
  for (let before = at - 1; before >= 0 && at - before <= maxSpace && isSpaceCode(text.charCodeAt(before)); before -= 1) {
    if (text.charCodeAt(before) === 0x0a) breaks += 1;
  }
  return breaks > 1;
}

export function isSpaceCode(code: number): boolean {
  return code <= 0x20 || code === 0xa0;
}
