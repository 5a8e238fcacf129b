import { isWideSign, plainSign } from "./scripts.ts";

const maxSpace = 16;
const maxWord = 40;

/**
 * Whether a value could begin at this position: at the start of the text, or after a sentence, which is where an attack stands
 * that was added to a question.
 */
export function startsPart(text: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && at - before <= maxSpace && isSpaceCode(text.charCodeAt(before))) before -= 1;
  if (before < 0) return true;
  const last = text.charCodeAt(before);
  return (before < at - 1 || isWideSign(last)) && endsPart(plainSign(last));
}

function endsPart(code: number): boolean {
  return code === 0x3f || code === 0x21 || code === 0x2e || code === 0x3a;
}

/** The same, but a colon is no end of a sentence: what comes after one is an example. */
export function startsSentence(text: string, at: number): boolean {
  if (!startsPart(text, at)) return false;
  let before = at - 1;
  while (before >= 0 && isSpaceCode(text.charCodeAt(before))) before -= 1;
  return plainSign(text.charCodeAt(before)) !== 0x3a;
}

/** Whether there is nothing but one value before this position, perhaps after a sentence. */
export function endsOneWord(text: string, at: number): boolean {
  let start = at;
  while (start > 0 && at - start <= 4 && isBlankCode(text.charCodeAt(start - 1))) start -= 1;
  while (start > 0 && at - start <= maxWord && !isSpaceCode(text.charCodeAt(start - 1))) start -= 1;
  return startsPart(text, start);
}

function isBlankCode(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}

/** Whether a blank line stands before this position: what comes after one was pasted to be looked at. */
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
