import type { AiDialect } from "../dialects/dialect.ts";
import type { AiCall } from "./call.ts";
import { InputReader } from "./input-reader.ts";
import { JsonScanner } from "./json-scanner.ts";
import { normalisedName, type MemberRoles, rolesOf } from "./member-roles.ts";
import { type ListedModel, readModels } from "./model-lists.ts";
import { readSmall } from "./read-small.ts";

/** Positions in the body where members may be written. */
export interface BodyPositions {
  /** Of the closing brace of the document. */
  readonly end: number;
  readonly isEmpty: boolean;
  /** Of the values of members that may be replaced: of the one that asks for usage, and of those that are `null`. */
  readonly values: ReadonlyMap<string, readonly [start: number, end: number]>;
}

export interface ReadCall {
  readonly call: AiCall;
  /** The limits of the output that the client has set, by their names. */
  readonly limits: ReadonlyMap<string, number>;
  /** The other models, each with the member that names it. */
  readonly otherModels: readonly ListedModel[];
  readonly positions: BodyPositions;
  /** The value of the member that asks for usage, if the client has sent one. */
  readonly usageOptions: Readonly<Record<string, unknown>> | undefined;
  /** Whether the client asked for usage at the end of its stream. */
  readonly asksForUsage: boolean;
}

/** APIs have a few dozen. */
const mostMembers = 1_000;
const [openBrace] = Buffer.from("{");

/**
 * Reads from the bytes of a request what limits and meters need to know, without building the document.
 *
 * @throws SyntaxError for a body that is no JSON object, repeats a member at its top level, has one that is read in another case, or has a
 * member of an unexpected type
 */
export function readCall(body: Buffer, dialect: AiDialect): ReadCall {
  const scanner = new JsonScanner(body);
  const reader = new CallReader(scanner, dialect);
  if (scanner.peek() !== openBrace) throw new SyntaxError("not a JSON object");
  scanner.object((name) => reader.member(name));
  const end = scanner.at - 1;
  scanner.end();
  return reader.result(end);
}

class CallReader {
  readonly #scanner: JsonScanner;
  readonly #dialect: AiDialect;
  readonly #roles: MemberRoles;
  readonly #input: InputReader;
  readonly #seen = new Set<string>();
  readonly #values = new Map<string, unknown>();
  readonly #replaceable = new Map<string, readonly [start: number, end: number]>();
  readonly #otherModels: ListedModel[] = [];
  #usageOptions: Readonly<Record<string, unknown>> | undefined;

  constructor(scanner: JsonScanner, dialect: AiDialect) {
    this.#scanner = scanner;
    this.#dialect = dialect;
    this.#roles = rolesOf(dialect);
    this.#input = new InputReader(scanner, dialect);
  }

  member(name: string): void {
    const role = this.#roles.byName.get(name);
    const exact = role === undefined ? this.#roles.exactNames.get(normalisedName(name)) : undefined;
    if (exact !== undefined)
      throw new SyntaxError(`the member ${JSON.stringify(name.slice(0, 40))} must be written ${JSON.stringify(exact)}`);
    if (this.#seen.size === mostMembers) throw new SyntaxError(`more than ${mostMembers} members`);
    if (this.#seen.has(name)) throw new SyntaxError(`the member ${JSON.stringify(name.slice(0, 40))} is repeated`);
    this.#seen.add(name);
    if (role === undefined) this.#scanner.skip();
    else if (role === "scalar") this.#scalar(name);
    else if (role === "models") this.#otherModels.push(...readModels(this.#scanner, name));
    else if (role === "input") this.#input.input(name);
    else if (role === "tools") this.#input.toolDefinitions(name);
    else this.#usage(name);
  }

  result(end: number): ReadCall {
    const { model, stream, background, maxOutputTokens, choices = [], usageRequest, mayLimitToNone } = this.#dialect.request;
    const least = mayLimitToNone === true ? 0 : 1;
    const limits = new Map(maxOutputTokens.flatMap((name) => this.#limit(name, least)));
    const otherModels = [...this.#otherModels, ...this.#input.toolModels];
    const call: AiCall = {
      dialect: this.#dialect.name,
      model: this.#string(model),
      otherModels: otherModels.map((other) => other.model),
      stream: this.#boolean(stream) === true,
      background: this.#boolean(background) === true,
      maxOutputTokens: limits.size === 0 ? undefined : Math.max(...limits.values()),
      choices: Math.max(1, ...choices.map((name) => this.#number(name) ?? 1)),
      estimatedInputTokens: this.#input.estimatedTokens,
      media: this.#input.media,
      tools: this.#input.tools,
    };
    return {
      call,
      otherModels,
      limits,
      positions: { end, isEmpty: this.#seen.size === 0, values: this.#replaceable },
      usageOptions: this.#usageOptions,
      asksForUsage: this.#usageOptions?.[usageRequest?.[1] ?? ""] === true,
    };
  }

  #scalar(name: string): void {
    const value = readSmall(this.#scanner, name);
    this.#values.set(name, value);
    if (value === null) this.#replaceable.set(name, [this.#scanner.at - "null".length, this.#scanner.at]);
  }

  #usage(name: string): void {
    const [start, end] = this.#scanner.skip();
    if (end - start > 4_096) throw new SyntaxError(`the member ${JSON.stringify(name)} is too long`);
    this.#replaceable.set(name, [start, end]);
    const value = JSON.parse(this.#scanner.bytes.toString("utf8", start, end)) as unknown;
    if (isObject(value)) this.#usageOptions = value;
    else if (value !== null) throw new SyntaxError(`the member ${JSON.stringify(name)} must be an object`);
  }

  #limit(name: string, least: number): [name: string, limit: number][] {
    const limit = this.#number(name, least);
    return limit === undefined ? [] : [[name, limit]];
  }

  #number(name: string, least = 1): number | undefined {
    const value = this.#value(name);
    if (value === undefined || (Number.isSafeInteger(value) && Number(value) >= least)) return value as number | undefined;
    throw new SyntaxError(`the member ${JSON.stringify(name)} must be an integer, at least ${least}`);
  }

  #string(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === "string") return value;
    throw new SyntaxError(`the member ${JSON.stringify(name)} must be a string`);
  }

  #boolean(name: string | undefined): boolean | undefined {
    const value = name === undefined ? undefined : this.#value(name);
    if (value === undefined || typeof value === "boolean") return value;
    throw new SyntaxError(`the member ${JSON.stringify(name)} must be true or false`);
  }

  /** Providers treat `null` as an absent member. */
  #value(name: string): unknown {
    return this.#values.get(name) ?? undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
