import { type ParseErrorCode, printParseErrorCode, visit } from "jsonc-parser";

/** Position in a text, both counted from 1, columns in UTF-16 code units. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/**
 * Where a text stops being JSON (RFC 8259); `undefined` when it is JSON.
 *
 * The parser of the engine is faster but gives a position only sometimes, and quotes the text.
 */
export function locateSyntaxError(text: string): TextPosition | undefined {
  const error = firstError(text);
  return error && positionOf(text, startOf(error, text));
}

function firstError(text: string): SyntaxStop | undefined {
  try {
    visit(text, { onError: (code, offset) => stop(code, offset) }, { disallowComments: true });
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxStop) return error;
    throw error;
  }
}

/** Ends the visit at the first error: the rest of a hostile text may be one error after another. */
class SyntaxStop extends Error {
  readonly code: string;
  readonly offset: number;

  constructor(code: string, offset: number) {
    super(code);
    this.code = code;
    this.offset = offset;
  }
}

function stop(code: ParseErrorCode, offset: number): never {
  throw new SyntaxStop(printParseErrorCode(code), offset);
}

const stringErrors = new Set(["UnexpectedEndOfString", "InvalidUnicode", "InvalidEscapeCharacter", "InvalidCharacter"]);
// oxlint-disable-next-line no-control-regex -- control characters are the point
const stringPart = /[^"\\\u0000-\u001f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const literalErrors = new Set(["UnexpectedEndOfNumber", "InvalidSymbol"]);
const literal = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Errors inside a string or literal are reported at its start; what is wrong comes after its valid part. */
function startOf({ code, offset }: SyntaxStop, text: string): number {
  if (literalErrors.has(code)) return startOfLiteralError(text, skip(literal, text, offset));
  if (!stringErrors.has(code)) return offset;
  let at = offset + 1;
  for (let next = skip(stringPart, text, at); next > at; next = skip(stringPart, text, at)) at = next;
  return at;
}

/** The literal may be where no value is allowed, which is not reported when it is broken as well. */
function startOfLiteralError(text: string, end: number): number {
  return Math.min(firstError(text.slice(0, end))?.offset ?? end, end);
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
