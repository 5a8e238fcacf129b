import { type ServerResponse, validateHeaderValue } from "node:http";

import { isFramingHeader, validHeaderKey } from "./field-names.ts";
import { optionError } from "./option-error.ts";

/** A response that takes a whole block at once, such as `LeanResponse` of `@aivillage/http-server`. */
interface TakesBlocks {
  setBlock?: (block: FieldBlock) => void;
}

/**
 * Headers that many responses share, such as the security headers. They are checked and written out once, where `setHeader()` does both
 * for each response.
 *
 * A response with a method `setBlock()` takes the whole block; on any other its headers are set one by one. Either way later handlers
 * can read, replace and remove each of them.
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
   * @throws TypeError for a name or value that is not valid in a header, for a name that is given twice, or that frames the message
   */
  constructor(fields: Iterable<readonly [name: string, value: string]>) {
    const pairs = [...fields];
    const keys = new Set<string>();
    for (const [name, value] of pairs) {
      const key = validHeaderKey(name);
      validateHeaderValue(name, value);
      if (keys.has(key) || isFramingHeader(key))
        throw optionError("@aivillage/middleware", name, "a field that comes once and frames nothing", value);
      keys.add(key);
    }
    this.#keys = keys;
    this.keys = [...keys];
    this.fields = pairs.flat();
    this.text = pairs.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  }

  /** Whether the block holds a header, its name in lower case. */
  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Sets the headers, as `setHeader()` would one after the other. */
  setOn(res: ServerResponse & TakesBlocks): void {
    if (typeof res.setBlock === "function") return res.setBlock(this);
    for (let at = 0; at < this.fields.length; at += 2) res.setHeader(this.fields[at] ?? "", this.fields[at + 1] ?? "");
  }
}
