import type { IncomingMessage, ServerResponse } from "node:http";

import { bodyReader, type Handler, hasBody, hasPassed, nameTest, passError, replayBody, requestValue } from "@aivillage/middleware";

import { aiCallStarted } from "./events.ts";
import { meterCall } from "./meter-call.ts";
import { type AiCallOptions, readAiCallOptions } from "./options.ts";
import {
  bodyTimeout,
  modelNotAllowed,
  namedInQuery,
  outputLimitTooLarge,
  payloadTooLarge,
  unreadableCall,
  unsupportedCoding,
  unsupportedType,
} from "./problems.ts";
import { type AiCall, aiCallValue } from "./request/call.ts";
import { editBody } from "./request/edit-body.ts";
import { hasOtherReading, isNamedInQuery } from "./request/other-reading.ts";
import { parsedBody } from "./request/parsed-body.ts";
import { type ReadCall, readCall } from "./request/read-call.ts";
import { type AiUsage, aiUsageValue } from "./response/usage.ts";

/** The call that this request makes; `undefined` if `aiCall()` has not run, or the request has no body. */
export function getAiCall(req: IncomingMessage): AiCall | undefined {
  return aiCallValue.get(req);
}

/** The tokens of this call; `undefined` until its response has ended. */
export function getAiUsage(req: IncomingMessage): AiUsage | undefined {
  return aiUsageValue.get(req);
}

const errorForm = requestValue<"openai" | "anthropic">("@aivillage/ai-call.error-form");

/** How clients of the route read errors, for `problemDetails({ errorMember: getErrorForm })`; `undefined` if `aiCall()` has not run. */
export function getErrorForm(req: IncomingMessage): "openai" | "anthropic" | undefined {
  return errorForm.get(req);
}

type Settings = ReturnType<typeof readAiCallOptions> & { readonly allows: (model: string | undefined) => boolean };

/**
 * Makes the middleware of a route that calls language models. Mount it after authentication and before the proxy.
 *
 * It reads the body once, refuses calls that the route does not allow, leaves the body in `req.body` for the proxy and in the request for
 * handlers that read it, and meters the tokens of the response while it passes. A request without a body is passed on untouched.
 *
 * @throws OptionError for an unknown or bad option
 */
export function aiCall(options: AiCallOptions): Handler {
  const given = readAiCallOptions(options);
  const settings: Settings = { ...given, allows: nameTest(given.models) };
  const readBody = bodyReader({
    maxBytes: given.bodyBytes,
    timeoutMs: given.bodyTimeoutMs,
    tooLarge: () => payloadTooLarge(given.bodyBytes),
    tooLate: () => bodyTimeout(given.bodyTimeoutMs),
    alreadyRead: () => new Error("@aivillage/ai-call: the body was read before and `req.body` is not set; mount aiCall() earlier"),
  });

  return function aiCallHandler(req: IncomingMessage & { body?: unknown }, res, next) {
    errorForm.set(req, given.dialect.errorForm ?? "openai");
    if (!hasBody(req) || hasPassed(req, settings)) return next();
    if (hasOtherReading(req.headers["content-type"] ?? "")) return passError(unsupportedType(), res, next);
    const { model } = given.dialect.request;
    if (isNamedInQuery(req.url ?? "", model)) return passError(namedInQuery(model), res, next);
    const accept = (body: Buffer, passOn: () => void): void => {
      const problem = begin(req, res, body, settings);
      if (problem === undefined) passOn();
      else passError(problem, res, next);
    };
    const earlier = given.body?.(req);
    const read = earlier === undefined ? parsedBody(req) : Buffer.from(earlier as Uint8Array);
    if (read !== undefined) return accept(read, next);
    if ((req.headers["content-encoding"] ?? "identity") !== "identity") return passError(unsupportedCoding(), res, next);
    const passOn = given.keepBody ? () => replayBody(req, req.body as Buffer, next) : next;
    readBody(req, res, (error, body) => (error === undefined ? accept(body, passOn) : passError(error, res, next)));
  };
}

/** Checks the call and begins to meter it; returns the problem if it is refused. */
function begin(req: IncomingMessage & { body?: unknown }, res: ServerResponse, body: Buffer, settings: Settings): Error | undefined {
  // A slow upload says nothing of the backend.
  const startedAt = performance.now();
  let read: ReadCall;
  try {
    read = readCall(body, settings.dialect);
  } catch (error) {
    return unreadableCall((error as Error).message);
  }
  const problem = refusal(read, settings);
  if (problem !== undefined) return problem;
  const asksUsage = settings.askUsage && read.call.stream && !read.asksForUsage && settings.dialect.request.usageRequest !== undefined;
  const call = withLimit(read.call, settings);
  req.body = edited(body, read, { asksUsage, limit: unwrittenLimit(call, read, settings), settings });
  aiCallValue.set(req, call);
  if (aiCallStarted.hasSubscribers) aiCallStarted.publish({ req, call });
  const { dialect, failOverOn, watchResponse } = settings;
  meterCall(req, res, { call, dialect, hidesUsage: asksUsage, failOverOn, watchResponse, startedAt });
  return undefined;
}

function refusal({ call, limits, otherModels }: ReadCall, { allows, maxOutputTokens, dialect }: Settings): Error | undefined {
  const { model, choices: [choices = ""] = [] } = dialect.request;
  if (!allows(call.model)) return modelNotAllowed(call.model, model);
  const other = otherModels.find((each) => !allows(each.model));
  if (other !== undefined) return modelNotAllowed(other.model, other.member);
  if (maxOutputTokens === undefined || (call.maxOutputTokens ?? 1) * call.choices <= maxOutputTokens) return undefined;
  const [limitName = choices] = [...limits].find(([, limit]) => limit === call.maxOutputTokens) ?? [];
  return outputLimitTooLarge(maxOutputTokens, limitName, call.choices);
}

function withLimit(call: AiCall, { maxOutputTokens, dialect }: Settings): AiCall {
  const isImposed = maxOutputTokens !== undefined && call.maxOutputTokens === undefined && dialect.request.maxOutputTokens.length > 0;
  return isImposed ? { ...call, maxOutputTokens: Math.floor(maxOutputTokens / call.choices) } : call;
}

/** The limit that the body lacks: the client has set none, or only under names that the backend does not read. */
function unwrittenLimit(call: AiCall, read: ReadCall, { limitMember }: Settings): number | undefined {
  const isWritten = limitMember === undefined ? call === read.call : read.limits.has(limitMember);
  return isWritten ? undefined : call.maxOutputTokens;
}

interface Edits {
  readonly asksUsage: boolean;
  /** The limit of output tokens that is to be written. */
  readonly limit: number | undefined;
  readonly settings: Settings;
}

/** The body with what is imposed on the call; the client's own bytes if nothing is. */
function edited(body: Buffer, { positions, usageOptions }: ReadCall, { asksUsage, limit, settings }: Edits): Buffer {
  if (!asksUsage && limit === undefined) return body;
  const { usageRequest, maxOutputTokens } = settings.dialect.request;
  const members: [name: string, value: unknown][] = [];
  if (limit !== undefined) members.push([settings.limitMember ?? maxOutputTokens[0] ?? "", limit]);
  if (asksUsage && usageRequest !== undefined) members.push([usageRequest[0], { ...usageOptions, [usageRequest[1]]: true }]);
  return editBody(body, positions, members);
}
