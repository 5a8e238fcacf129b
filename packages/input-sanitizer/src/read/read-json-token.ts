/** A token of JSON: a punctuator by itself, `string`, `literal`, the `end` of the text, or a `fault`, whose `end` is its place. */
export interface JsonToken {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

/** Reads the token at or after a place (RFC 8259, 2). */
export function readJsonToken(text: string, from: number): JsonToken {
  let start = from;
  while (start < text.length && " \t\r\n".includes(text.charAt(start))) start += 1;
  const first = text.charAt(start);
  if (first === "") return { kind: "end", start, end: start };
  if ("{}[],:".includes(first)) return { kind: first, start, end: start + 1 };
  return first === '"' ? readString(text, start) : readLiteral(text, start);
}

function readString(text: string, start: number): JsonToken {
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== '"') {
    const length = characterLength(text, at);
    if (length === 0) return { kind: "fault", start, end: at };
    at += length;
  }
  return at < text.length ? { kind: "string", start, end: at + 1 } : { kind: "fault", start, end: at };
}

/** Length of one character or escape sequence of a string, 0 when it is not allowed there. */
function characterLength(text: string, at: number): number {
  if (text.charCodeAt(at) < 0x20) return 0;
  if (text.charAt(at) !== "\\") return 1;
  const escape = text.charAt(at + 1);
  if (escape === "u") return /^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6)) ? 6 : 0;
  return escape !== "" && '"\\/bfnrt'.includes(escape) ? 2 : 0;
}

const literal = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

function readLiteral(text: string, start: number): JsonToken {
  literal.lastIndex = start;
  return literal.test(text) ? { kind: "literal", start, end: literal.lastIndex } : { kind: "fault", start, end: start };
}
