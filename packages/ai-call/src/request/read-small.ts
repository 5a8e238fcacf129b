import type { JsonScanner } from "./json-scanner.ts";

/**
 * Reads the value of a member that is a name or a number.
 *
 * @throws SyntaxError for a value that is longer than any of these
 */
export function readSmall(scanner: JsonScanner, member: string): unknown {
  const [start, end] = scanner.skip();
  if (end - start > 512) throw new SyntaxError(`the member ${JSON.stringify(member)} is too long`);
  return JSON.parse(scanner.bytes.toString("utf8", start, end)) as unknown;
}
