/** Position in a text, both counted from 1, columns in UTF-16 code units. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/**
 * Where a text stops being JSON (RFC 8259); `undefined` when it is JSON.
 *
 * The parser of the engine is faster but gives a position only sometimes, and quotes the text. This one does not recurse, so that no depth
 * of nesting exhausts the stack.
 */
export function locateSyntaxError(text: string): TextPosition | undefined {
  const at = errorIndex(text);
  return at === undefined ? undefined : positionOf(text, at);
}

/** What may come next, by first characters; `0` stands for numbers, `true`, `false` and `null`. */
const expected = { value: '{["0', firstValue: '{["0]', name: '"', firstName: '"}', colon: ":", afterValue: ",]}" } as const;
type State = keyof typeof expected;

function errorIndex(text: string): number | undefined {
  /** The ends of the containers that are open, the innermost last. */
  const ends: string[] = [];
  let state: State = "value";
  let at = skip(space, text, 0);
  while (at < text.length) {
    const kind = kindOf(text.charAt(at));
    if (!expected[state].includes(kind) || (state === "afterValue" && !mayFollow(kind, ends))) return at;
    const token = tokenEnd(kind, text, at);
    if (!token.isWhole) return token.end;
    state = stateAfter(kind, state, ends);
    at = skip(space, text, token.end);
  }
  return state === "afterValue" && ends.length === 0 ? undefined : at;
}

function kindOf(char: string): string {
  return '{}[],:"'.includes(char) ? char : "0";
}

/** A comma needs an open container, an end its own. */
function mayFollow(kind: string, ends: readonly string[]): boolean {
  return kind === "," ? ends.length > 0 : kind === ends.at(-1);
}

/** The state after a token, whose containers are opened and closed. */
function stateAfter(kind: string, state: State, ends: string[]): State {
  if (kind === ":") return "value";
  if (kind === ",") return ends.at(-1) === "}" ? "name" : "value";
  if (kind === '"' && (state === "name" || state === "firstName")) return "colon";
  if (kind === "{") ends.push("}");
  else if (kind === "[") ends.push("]");
  else if (kind === "}" || kind === "]") ends.pop();
  return kind === "{" ? "firstName" : kind === "[" ? "firstValue" : "afterValue";
}

const space = /[ \t\n\r]+/y;
const literal = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
// oxlint-disable-next-line no-control-regex -- control characters are the point
const stringPart = /[^"\\\u0000-\u001f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** The end of a token, or of its valid part. */
function tokenEnd(kind: string, text: string, start: number): { end: number; isWhole: boolean } {
  if (kind === "0") {
    const end = skip(literal, text, start);
    return { end, isWhole: end > start };
  }
  if (kind !== '"') return { end: start + 1, isWhole: true };
  let end = start + 1;
  for (let next = skip(stringPart, text, end); next > end; next = skip(stringPart, text, end)) end = next;
  return text[end] === '"' ? { end: end + 1, isWhole: true } : { end, isWhole: false };
}

function skip(part: RegExp, text: string, at: number): number {
  part.lastIndex = at;
  return part.test(text) ? part.lastIndex : at;
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
