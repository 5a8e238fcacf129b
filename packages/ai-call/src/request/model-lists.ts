import type { JsonScanner } from "./json-scanner.ts";
import { readSmall } from "./read-small.ts";

/** A model that may serve a call in place of the requested one, or besides it. */
export interface ListedModel {
  readonly model: string;
  /** The member that names it. */
  readonly member: string;
}

const [openBrace, openBracket] = Buffer.from("{[");
/** Routers take a few. */
export const mostModels = 32;

/**
 * Reads a list of names, or of objects with the name alone: other messages or limits in an entry would be neither limited nor metered.
 * A name by itself, such as `default` of Anthropic's API, is a list of one.
 *
 * @throws SyntaxError for anything else but `null`
 */
export function readModels(scanner: JsonScanner, member: string): readonly ListedModel[] {
  const refused = new SyntaxError(`the member ${JSON.stringify(member)} must be a list of at most ${mostModels} models`);
  const listed: ListedModel[] = [];
  const list = (model: unknown): void => {
    if (typeof model !== "string" || listed.push({ model, member }) > mostModels) throw refused;
  };
  if (scanner.peek() === openBracket) scanner.array(() => list(readEntry(scanner, member)));
  else {
    const alone = readSmall(scanner, member);
    if (alone !== null) list(alone);
  }
  return listed;
}

function readEntry(scanner: JsonScanner, member: string): unknown {
  if (scanner.peek() !== openBrace) return readSmall(scanner, member);
  const members: (readonly [name: string, value: unknown])[] = [];
  scanner.object((name) => void members.push([name, readSmall(scanner, member)]));
  const [[name, value] = []] = members;
  return members.length === 1 && name === "model" ? value : undefined;
}
