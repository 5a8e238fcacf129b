import { Parser } from "htmlparser2";

/** Elements whose content is no text of the page. */
const silent = new Set(["script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title", "textarea"]);
/** Elements that end a line. */
const blocks = new Set(
  "address article aside blockquote br dd div dl dt footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul".split(
    " ",
  ),
);

/** It is tried once in each run of blanks: tried at each of them, it would take the square of their number. */
const lineBreaks = /(?<![ \t])[ \t]*\n[ \t\n]*/g;

/** The text of an HTML fragment: without tags and comments, entities decoded, one line break per block. */
export function htmlToText(html: string): string {
  const parts: string[] = [];
  let depth = 0;
  const parser = new Parser({
    onopentag: (name) => {
      if (silent.has(name)) depth += 1;
      else if (blocks.has(name)) parts.push("\n");
    },
    onclosetag: (name) => {
      if (silent.has(name)) depth -= 1;
      else if (blocks.has(name)) parts.push("\n");
    },
    ontext: (text) => {
      if (depth === 0) parts.push(text);
    },
  });
  parser.end(html);
  return parts.join("").replaceAll(lineBreaks, "\n");
}
