import { Tokenizer } from "htmlparser2";

import { PageText } from "./page-text.ts";

/** It is tried once in each run of blanks: tried at each of them, it would take the square of their number. */
const lineBreaks = /(?<![ \t])[ \t]*\n[ \t\n]*/g;

/**
 * The text of an HTML fragment: without tags and comments, entities decoded, one line break per block.
 *
 * It takes linear time for any text, as the parser of htmlparser2 does not: that searches a list of all open elements at each end tag.
 */
export function htmlToText(html: string): string {
  const page = new PageText(html);
  const tokenizer = new Tokenizer({}, page);
  tokenizer.write(html);
  tokenizer.end();
  return page.text.replaceAll(lineBreaks, "\n");
}
