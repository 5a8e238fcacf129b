import type { WireCapture } from "@aivillage/testing/fake-provider";

import type { Endpoint, Sdk } from "./sdk-calls.ts";

/** What a caller received of one call. */
export interface Received {
  /** Events of a stream, or the one response. */
  readonly values: readonly unknown[];
  /** The error that the call ended with. */
  readonly error: unknown;
}

/** Makes a call and collects what comes, until it ends or fails. */
export async function receive(sdk: Sdk, endpoint: Endpoint, capture: WireCapture): Promise<Received> {
  const values: unknown[] = [];
  try {
    const made: unknown = await sdk.call(endpoint, capture);
    if (isIterable(made)) for await (const value of made) values.push(value);
    else values.push(made);
    return { values: values.map(comparable), error: values.map(errorOf).find((error) => error !== undefined) };
  } catch (error) {
    return { values: values.map(comparable), error };
  }
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** The streams of `ai` report errors as a part. */
function errorOf(part: unknown): unknown {
  return (part as { type?: unknown }).type === "error" ? (part as { error: unknown }).error : undefined;
}

/** Names of members that differ from call to call: made by the client, or naming the request. */
const ofOneCall = new Set([
  "_request_id",
  "request_id",
  "headers",
  "timestamp",
  "error",
  "callId",
  "request",
  "rawResponse",
  "performance",
]);

/** A value without what differs from call to call. `ai` makes ids itself when it has none of the provider. */
function comparable(value: unknown): unknown {
  const text = JSON.stringify(value, (name, member: unknown) => (ofOneCall.has(name) || isMadeUp(member) ? undefined : member));
  return text === undefined ? value : (JSON.parse(text) as unknown);
}

function isMadeUp(member: unknown): boolean {
  return typeof member === "string" && member.startsWith("aitxt-");
}
