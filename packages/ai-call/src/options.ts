import type { IncomingMessage } from "node:http";

import { nearest, option, optionError, readOptions, returns } from "@aivillage/middleware";

import type { AiDialect } from "./dialects/dialect.ts";
import { dialects } from "./dialects/dialects.ts";

/** The name of a shipped dialect. */
export type AiDialectName =
  | "openai-chat"
  | "openai-responses"
  | "openai-embeddings"
  | "anthropic-messages"
  | "village-chat"
  | "village-query";

/** Options of `aiCall()`. */
export interface AiCallOptions {
  /** How calls and responses of the backend look: the name of a shipped dialect, or your own. Required. */
  dialect: AiDialectName | AiDialect;
  /** Names of the models that may be called; `*` stands for any characters. Default: every model, and calls that name none. */
  models?: readonly string[];
  /**
   * The most output tokens that a call may ask for, all its choices together. A call that asks for more is refused; one that sets no limit
   * gets this one. Default: no limit.
   */
  maxOutputTokens?: number;
  /**
   * The member in which the backend reads the limit of output tokens, one of the dialect's names: `max_tokens` for Mistral, Ollama and LM
   * Studio. A limit that the client has set under another name is written there too. Default: a limit stays as the client has set it, and
   * one that is imposed gets the dialect's first name, such as `max_completion_tokens`.
   */
  limitMember?: string;
  /** The largest body, in bytes. Default 33,554,432, room for pictures. */
  bodyBytes?: number;
  /** The longest time that a body may take to arrive, in milliseconds. Default 30,000. */
  bodyTimeoutMs?: number;
  /**
   * Asks the backend for usage at the end of a stream where the client did not, and keeps that from the client. Turn it off for backends
   * that refuse `stream_options`. Default `true`.
   */
  askUsage?: boolean;
  /**
   * Codes or types of a backend's errors for which `downstreamProxy()` may ask its next target, such as `context_length_exceeded`. Default:
   * none. Requires `aiResponseFilter` in the proxy.
   */
  failOverOn?: readonly string[];
  /**
   * Meters responses that handlers of the app write. Turn it off where `downstreamProxy()` with `filter: aiResponseFilter` writes all of them,
   * which saves about a twelfth of a call's processor time; what anything else writes is then not metered. Default `true`.
   */
  watchResponse?: boolean;
  /**
   * Whether handlers that run later can read the body from the request as if nobody had, as SvelteKit, Astro, Nuxt and body parsers do. They
   * get what a backend would. Default: `watchResponse`, since a proxy takes the body from `req.body`.
   */
  keepBody?: boolean;
  /**
   * The body if something before has read it and does not leave it in `req.body`, such as `(req) => getInput(req)?.text` of
   * `sanitizeInput()`. Default: `req.body` if it was read, otherwise the request itself.
   */
  body?: (req: IncomingMessage) => string | Uint8Array | undefined;
}

export const packageName = "@aivillage/ai-call";

/** An absent dialect; `dialectOf` reports it. */
const absent = "" as AiDialectName;

export function readAiCallOptions(given: AiCallOptions) {
  const options = readOptions<AiCallOptions, typeof rules>(packageName, given, rules);
  const dialect = dialectOf(options.dialect);
  checkLimitMember(options.limitMember, dialect);
  return { ...options, keepBody: options.keepBody ?? options.watchResponse, dialect };
}

const returnsBody = returns.custom(
  "a string, a Uint8Array or undefined",
  (result) => result === undefined || typeof result === "string" || result instanceof Uint8Array,
);

const rules = {
  dialect: option.custom<AiDialectName | AiDialect>(
    "the name of a dialect, or an object that describes one",
    absent,
    (value) => typeof value === "string" || isDialect(value),
  ),
  models: option.custom<readonly string[] | undefined>("an array of model names", undefined, isListOfNames),
  maxOutputTokens: option.custom<number | undefined>(
    "an integer, at least 1",
    undefined,
    (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  ),
  limitMember: option.custom<string | undefined>("a name", undefined, (value) => typeof value === "string"),
  bodyBytes: option.integer(33_554_432, { min: 1, max: 1_073_741_824 }),
  bodyTimeoutMs: option.integer(30_000, { min: 1, max: 2_147_483_647 }),
  askUsage: option.boolean(true),
  watchResponse: option.boolean(true),
  keepBody: option.custom<boolean | undefined>("a boolean", undefined, (value) => typeof value === "boolean"),
  failOverOn: option.custom<readonly string[]>("an array of error codes", [], isListOfNames),
  body: option.function<(req: IncomingMessage) => string | Uint8Array | undefined>(undefined, returnsBody),
};

function dialectOf(given: AiDialectName | AiDialect): AiDialect {
  if (typeof given === "object") return given;
  const found = dialects.get(given);
  if (found !== undefined) return found;
  const names = [...dialects.keys()];
  const hint = given === absent ? undefined : nearest(given, names);
  const expected = `one of ${names.map((name) => `"${name}"`).join(", ")}, or an object that describes a dialect`;
  throw optionError(
    packageName,
    "dialect",
    hint === undefined ? expected : `${expected} (did you mean "${hint}"?)`,
    given === absent ? undefined : given,
  );
}

function checkLimitMember(name: string | undefined, { request: { maxOutputTokens } }: AiDialect): void {
  if (name === undefined || maxOutputTokens.includes(name)) return;
  const names = maxOutputTokens.map((each) => JSON.stringify(each)).join(", ");
  throw optionError(packageName, "limitMember", names === "" ? "absent, as the dialect has no limit of output" : `one of ${names}`, name);
}

function isDialect(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { name, request, response } = value as Partial<Record<keyof AiDialect, unknown>>;
  return typeof name === "string" && /^[a-z0-9-]{1,40}$/.test(name) && typeof request === "object" && typeof response === "object";
}

function isListOfNames(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string" && name !== "");
}
