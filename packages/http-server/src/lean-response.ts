/* oxlint-disable no-underscore-dangle -- the method that Node calls to write a head is named so */
import { type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse, validateHeaderValue } from "node:http";

import { type FieldBlock, headerKey, isFramingHeader, recogniseAcrossCopies, validHeaderKey } from "@aivillage/middleware";

type FieldValue = number | string | readonly string[];
type MoreFields = OutgoingHttpHeaders | OutgoingHttpHeader[];

/** A block and where its fields begin. */
interface PlacedBlock {
  readonly block: FieldBlock;
  readonly from: number;
}

/**
 * A `ServerResponse` for responses with many headers: `httpServer(handler, { leanResponse: true })`, or
 * `createServer({ ServerResponse: LeanResponse }, handler)`.
 *
 * It sends the same headers and throws the same errors as Node's own class. Node puts each header into a dictionary and checks it twice;
 * this class keeps them in a list and writes them out itself. Headers that frame the message follow all others. Values are always
 * checked strictly, even with `insecureHTTPParser`, and none is re-encoded: Node reads a `Content-Disposition` that follows a
 * `Content-Length` as UTF-8, which changes a name passed on from another server.
 */
export class LeanResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  /** Names in lower case, in the order in which they were set. */
  readonly #keys: string[] = [];
  /** Names as they were given and values, in turns: as `writeHead()` takes them. */
  readonly #fields: FieldValue[] = [];
  /** Those whose fields are as they were set, in that order. */
  #blocks: PlacedBlock[] = [];
  #isPlain = false;

  static {
    recogniseAcrossCopies(this, "@aivillage/http-server.LeanResponse");
  }

  /**
   * Hands the headers to Node's own methods from here on. Call it before the prototype is replaced, as an Express app does when it is
   * called as a handler: Node's methods know nothing of headers that were set before.
   */
  toPlain(): void {
    if (this.#isPlain || this.headersSent) return;
    this.#isPlain = true;
    for (let at = 0; at < this.#fields.length; at += 2) super.setHeader(String(this.#fields[at]), this.#fields[at + 1] as FieldValue);
    this.#keys.length = 0;
    this.#fields.length = 0;
    this.#blocks = [];
  }

  /** Sets the headers of a block, as `setHeader()` would one after the other. */
  setBlock(block: FieldBlock): void {
    const { keys, fields } = block;
    // Code that patches the method of a response wants to see every header.
    const isPatched = this.setHeader !== LeanResponse.prototype.setHeader;
    if (isPatched || this.#isPlain || this.headersSent || this.#hasAnyOf(block)) {
      for (let at = 0; at < fields.length; at += 2) this.setHeader(fields[at] ?? "", fields[at + 1] ?? "");
      return;
    }
    this.#blocks.push({ block, from: this.#keys.length });
    this.#keys.push(...keys);
    this.#fields.push(...fields);
  }

  override setHeader(name: string, value: FieldValue): this {
    if (this.#isPlain || this.headersSent) return super.setHeader(name, value);
    const key = validHeaderKey(name);
    checkValue(name, value);
    const at = this.#keys.indexOf(key);
    if (at === -1) {
      this.#keys.push(key);
      this.#fields.push(name, value);
    } else {
      this.#fields[2 * at] = name;
      this.#replace(at, value);
    }
    return this;
  }

  override appendHeader(name: string, value: string | readonly string[]): this {
    if (this.#isPlain || this.headersSent) return super.appendHeader(name, value);
    const before = this.#valueOf(name);
    if (before === undefined) return this.setHeader(name, value);
    checkValue(name, value);
    this.#replace(this.#find(name), [before, value].flat() as string[]);
    return this;
  }

  override getHeader(name: string): number | string | string[] | undefined {
    const value = this.#valueOf(name);
    return value === undefined ? super.getHeader(name) : (value as number | string | string[]);
  }

  override hasHeader(name: string): boolean {
    return this.#find(name) !== -1 || super.hasHeader(name);
  }

  override removeHeader(name: string): void {
    const at = this.#find(name);
    if (at === -1 && !this.#isPlain && !this.headersSent && hasNoMeaning(name)) return;
    // Node makes a difference between no field left and none ever set.
    if (at !== -1 && this.#keys.length === 1) this.toPlain();
    // It also notes that `Date`, `Connection` and the framing are not to be added by itself.
    super.removeHeader(name);
    if (at === -1 || this.#isPlain) return;
    this.#keys.splice(at, 1);
    this.#fields.splice(2 * at, 2);
    // Those after it have moved: from here on, all are written one by one.
    this.#blocks = [];
  }

  override getHeaderNames(): string[] {
    return this.#isPlain ? super.getHeaderNames() : [...this.#keys];
  }

  /** Of Node; its types leave it out. */
  getRawHeaderNames(): string[] {
    return this.#isPlain ? plain.getRawHeaderNames.call(this) : this.#keys.map((_key, at) => String(this.#fields[2 * at]));
  }

  override getHeaders(): OutgoingHttpHeaders {
    if (this.#isPlain) return super.getHeaders();
    const headers = Object.create(null) as Record<string, unknown>;
    for (const [at, key] of this.#keys.entries()) headers[key] = this.#fields[2 * at + 1];
    return headers as OutgoingHttpHeaders;
  }

  override writeHead(statusCode: number, statusMessage?: string, headers?: MoreFields): this;
  override writeHead(statusCode: number, headers?: MoreFields): this;
  override writeHead(statusCode: number, second?: string | MoreFields, third?: MoreFields): this {
    const isBare = third === undefined && (second === undefined || typeof second === "string");
    if (isBare && !this.headersSent && this.#keys.length > 0) return plain.writeHead.call(this, statusCode, second, this.#fields);
    // Node has its own rules for how these fields replace earlier ones.
    if (!isBare) this.toPlain();
    return plain.writeHead.call(this, statusCode, second, third);
  }

  /** Called by Node's `writeHead()`. What it only writes out is written out here; the rest it reads, and adds what is missing. */
  _storeHeader(firstLine: string, fields: unknown): void {
    if (fields !== this.#fields) return plain._storeHeader.call(this, firstLine, fields);
    const framing: FieldValue[] = [];
    let head = firstLine;
    let at = 0;
    for (const { block, from } of this.#blocks) {
      head += this.#write(at, from, framing) + block.text;
      at = from + block.keys.length;
    }
    head += this.#write(at, this.#keys.length, framing);
    plain._storeHeader.call(this, head, framing);
  }

  #write(from: number, to: number, framing: FieldValue[]): string {
    let lines = "";
    for (let at = from; at < to; at += 1) {
      const [name, value] = [String(this.#fields[2 * at]), this.#fields[2 * at + 1] as FieldValue];
      // Node knows which lists are to become one line.
      if (typeof value === "object" || isFramingHeader(this.#keys[at] ?? "")) framing.push(name, value);
      else lines += `${name}: ${value}\r\n`;
    }
    return lines;
  }

  #replace(at: number, value: FieldValue): void {
    this.#fields[2 * at + 1] = value;
    this.#blocks = this.#blocks.filter(({ block, from }) => at < from || at >= from + block.keys.length);
  }

  #hasAnyOf(block: FieldBlock): boolean {
    for (const key of this.#keys) if (block.has(key)) return true;
    return false;
  }

  #valueOf(name: string): FieldValue | undefined {
    const at = this.#find(name);
    return at === -1 ? undefined : this.#fields[2 * at + 1];
  }

  #find(name: string): number {
    // Anything else is for Node's own method to refuse.
    return typeof name === "string" ? this.#keys.indexOf(headerKey(name)) : -1;
  }
}

/** Methods that Node's types declare otherwise, or not at all. */
const plain = ServerResponse.prototype as unknown as {
  getRawHeaderNames(): string[];
  writeHead(status: number, ...more: unknown[]): never;
  _storeHeader(firstLine: string, fields: unknown): void;
};

/** Whether Node notes nothing when a header of this name is removed that was never set. */
function hasNoMeaning(name: unknown): boolean {
  return typeof name === "string" && !isFramingHeader(headerKey(name));
}

/** Node's check writes out a number to see that it is valid, which it always is, and takes any other value that it can turn into a text. */
function checkValue(name: string, value: FieldValue): void {
  if (typeof value !== "number") validateHeaderValue(name, value as string);
}
