import { readJsonToken } from "./read-json-token.ts";

/** Position in a text, both counted from 1, columns in UTF-16 code units. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

type Expecting = "value" | "value or ]" | "key" | "key or }" | "colon" | "comma or end";

/**
 * Where a text stops being JSON (RFC 8259); `undefined` when it is JSON.
 *
 * The parser of the engine is faster but tells a position only sometimes, and quotes the text.
 */
export function locateSyntaxError(text: string): TextPosition | undefined {
  const open: string[] = [];
  let expecting: Expecting | undefined = "value";
  let at = 0;
  for (;;) {
    const token = readJsonToken(text, at);
    if (token.kind === "end") return expecting === "comma or end" && open.length === 0 ? undefined : positionOf(text, token.start);
    if (token.kind === "fault") return positionOf(text, token.end);
    expecting = step(expecting, open, token.kind);
    if (expecting === undefined) return positionOf(text, token.start);
    at = token.end;
  }
}

/** What may come after this token, or `undefined` when the token may not be here. */
function step(expecting: Expecting, open: string[], found: string): Expecting | undefined {
  if (expecting === "colon") return found === ":" ? "value" : undefined;
  if (expecting === "comma or end") return afterValue(open, found);
  if (expecting === "key" || expecting === "key or }") {
    if (found === "string") return "colon";
    return found === "}" && expecting === "key or }" ? closed(open) : undefined;
  }
  if (found === "{") return opened(open, "{", "key or }");
  if (found === "[") return opened(open, "[", "value or ]");
  if (found === "]" && expecting === "value or ]") return closed(open);
  return found === "string" || found === "literal" ? "comma or end" : undefined;
}

function afterValue(open: string[], found: string): Expecting | undefined {
  const inside = open.at(-1);
  if (found === "," && inside !== undefined) return inside === "{" ? "key" : "value";
  return (found === "}" && inside === "{") || (found === "]" && inside === "[") ? closed(open) : undefined;
}

function opened(open: string[], bracket: string, next: Expecting): Expecting {
  open.push(bracket);
  return next;
}

function closed(open: string[]): Expecting {
  open.pop();
  return "comma or end";
}

function positionOf(text: string, at: number): TextPosition {
  let line = 1;
  let lineStart = 0;
  for (let end = text.indexOf("\n"); end !== -1 && end < at; end = text.indexOf("\n", lineStart)) {
    line += 1;
    lineStart = end + 1;
  }
  return { line, column: at - lineStart + 1 };
}
