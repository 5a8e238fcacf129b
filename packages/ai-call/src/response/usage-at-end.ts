import { JsonScanner } from "../request/json-scanner.ts";

/** How much of the end is searched. */
const tailBytes = 16_384;

const openBrace = Buffer.from("{");

/** The last bytes of what has passed and what follows, as a copy. */
export function tailOf(before: Buffer, chunk: Buffer): Buffer {
  return Buffer.concat([before, chunk.subarray(-tailBytes)]).subarray(-tailBytes);
}

/**
 * The last usage object of a document that was too long to keep, as a document with nothing else. Inside strings the quotes of its name would
 * be escaped.
 */
export function usageAtEnd(tail: Buffer): { readonly usage: object } | undefined {
  const at = tail.lastIndexOf('"usage"');
  let usage: unknown;
  try {
    const scanner = new JsonScanner(Buffer.concat([openBrace, tail.subarray(at === -1 ? tail.length : at)]));
    scanner.object(() => {
      const [start, end] = scanner.skip();
      usage ??= JSON.parse(scanner.bytes.toString("utf8", start, end));
    });
  } catch {
    // Whatever follows the object is no concern of its reader.
  }
  return typeof usage === "object" && usage !== null ? { usage } : undefined;
}
