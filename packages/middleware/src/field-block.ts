import { type ServerResponse, validateHeaderValue } from "node:http";

import { checkedKey, isNodesOwn } from "./field-names.ts";
import { LeanResponse } from "../../http-server/src/lean-response.ts";
import { optionError } from "./option-error.ts";

/**
 * Fields that many answers share, such as the security headers: they are checked and written out once, where `setHeader()` does both for
 * each answer.
 *
 * A `LeanResponse` takes the whole block; on any other response its fields are set one by one. Either way later handlers may read, replace
 * and remove each of them.
 */
export class FieldBlock {
  /** Names in lower case. */
  readonly keys: readonly string[];
  /** Names as they were given and values, in turns. */
  readonly fields: readonly string[];
  /** The lines of a head. */
  readonly text: string;
  readonly #keys: ReadonlySet<string>;

  /**
   * @param fields names, each once, and values; none that frames the message or its connection, such as `Content-Length`
   * @throws TypeError for a name or a value that is not valid in a field, for a name that comes twice, or that frames the message
   */
  constructor(fields: Iterable<readonly [name: string, value: string]>) {
    const pairs = [...fields];
    const keys = new Set<string>();
    for (const [name, value] of pairs) {
      const key = checkedKey(name);
      validateHeaderValue(name, value);
      if (keys.has(key) || isNodesOwn(key))
        throw optionError("@aivillage/middleware", name, "a field that comes once and frames nothing", value);
      keys.add(key);
    }
    this.#keys = keys;
    this.keys = [...keys];
    this.fields = pairs.flat();
    this.text = pairs.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  }

  /** Whether a field, its name in lower case, is in it. */
  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Sets the fields, as `setHeader()` would one after the other. */
  setOn(res: ServerResponse): void {
    // Who patches the method of a response wants to see every field.
    if (res instanceof LeanResponse && res.setHeader === LeanResponse.prototype.setHeader) return res.setBlock(this);
    for (let at = 0; at < this.fields.length; at += 2) res.setHeader(this.fields[at] ?? "", this.fields[at + 1] ?? "");
  }
}
