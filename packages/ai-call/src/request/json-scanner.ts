import { isUtf8 } from "node:buffer";

/** Receives every string below a value: the range of its text between the quotes, and the name of the member that it belongs to. */
export type StringVisitor = (start: number, end: number, name: string) => void;

/** Deeper documents are refused, before any recursion could become too deep. */
const maxDepth = 128;
/** Small values cost far more than their bytes, and everybody waits meanwhile. */
const maxValues = 1_000_000;
const [quote, backslash, comma, colon, openBrace, closeBrace, openBracket, closeBracket] = Buffer.from('"\\,:{}[]');
const literal = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;

/**
 * Walks through a JSON document in its bytes, strictly in its structure, and builds only what the caller asks for. Long strings, such as
 * images, cost one search for their end.
 *
 * @throws SyntaxError with the offset, for anything that is not one JSON value in UTF-8
 */
export class JsonScanner {
  readonly bytes: Buffer;
  at = 0;
  #depth = 0;
  #values = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    if (!isUtf8(bytes)) throw new SyntaxError("not valid UTF-8");
  }

  /** The first byte of the next value or mark, after white space. */
  peek(): number {
    let byte = this.bytes[this.at];
    while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = this.bytes[(this.at += 1)];
    return byte ?? -1;
  }

  /** Calls `member` at the value of each member; it must consume the value. */
  object(member: (name: string) => void): void {
    this.#open(openBrace);
    for (let isFirst = true; !this.#closes(closeBrace, isFirst); isFirst = false) {
      const name = this.name();
      this.#take(colon);
      member(name);
    }
  }

  /** Calls `element` at each element; it must consume the element. */
  array(element: () => void): void {
    this.#open(openBracket);
    for (let isFirst = true; !this.#closes(closeBracket, isFirst); isFirst = false) element();
  }

  /** Consumes a value and returns its range. */
  skip(visit?: StringVisitor, name = ""): readonly [start: number, end: number] {
    const byte = this.peek();
    const start = this.at;
    if (byte === quote) {
      const end = this.#string();
      visit?.(start + 1, end - 1, name);
    } else if (byte === openBrace) this.object((inner) => void this.skip(visit, inner));
    else if (byte === openBracket) this.array(() => void this.skip(visit, name));
    else this.#literal();
    return [start, this.at];
  }

  /** Requires that nothing but white space is left. */
  end(): void {
    if (this.peek() !== -1) this.#fail();
  }

  name(): string {
    if (this.peek() !== quote) this.#fail();
    const start = this.at;
    const text = this.bytes.toString("utf8", start, this.#string());
    return text.includes("\\") ? (JSON.parse(text) as string) : text.slice(1, -1);
  }

  #string(): number {
    let end = this.at;
    do {
      end = this.bytes.indexOf(quote ?? 0, end + 1);
      if (end === -1) this.#fail();
    } while (this.#isEscaped(end));
    this.at = end + 1;
    return this.at;
  }

  #isEscaped(at: number): boolean {
    let before = at - 1;
    while (this.bytes[before] === backslash) before -= 1;
    return (at - before) % 2 === 0;
  }

  #literal(): void {
    const start = this.at;
    while (isLiteralByte(this.bytes[this.at])) this.at += 1;
    if (this.at - start > 64 || !literal.test(this.bytes.toString("latin1", start, this.at))) this.#fail(start);
  }

  #open(mark: number | undefined): void {
    this.#take(mark);
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new SyntaxError(`nested more than ${maxDepth} levels deep at byte ${this.at}`);
  }

  /** Whether the object or array ends here. Consumes the end, or the comma before the next member. */
  #closes(mark: number | undefined, isFirst: boolean): boolean {
    const byte = this.peek();
    if (byte === mark) {
      this.at += 1;
      this.#depth -= 1;
      return true;
    }
    if (!isFirst) this.#take(comma);
    this.#values += 1;
    if (this.#values > maxValues) throw new SyntaxError(`more than ${maxValues} values`);
    return false;
  }

  #take(mark: number | undefined): void {
    if (this.peek() !== mark) this.#fail();
    this.at += 1;
  }

  #fail(at = this.at): never {
    throw new SyntaxError(`not valid JSON at byte ${Math.min(at, this.bytes.length)}`);
  }
}

/** Digits, letters and the signs of numbers. */
function isLiteralByte(byte: number | undefined): boolean {
  return (
    byte !== undefined &&
    ((byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 122) || byte === 69 || byte === 45 || byte === 43 || byte === 46)
  );
}
