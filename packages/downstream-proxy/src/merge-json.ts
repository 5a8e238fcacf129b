import { isUtf8 } from "node:buffer";

import type { AnswerHead } from "./response-headers.ts";

/** Whether an answer may be a JSON object that members can be added to. `206` is a part of one only. */
export function isMergeable({ status, headers }: AnswerHead, method: string | undefined, limitBytes: number): boolean {
  if (method === "HEAD" || status === 204 || status === 206 || status === 304) return false;
  const { "content-type": type, "content-encoding": encoding, "content-length": length } = headers;
  if (encoding !== undefined || typeof type !== "string" || !/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) return false;
  return length === undefined || Number(length) <= limitBytes;
}

/**
 * Adds members to the text of a JSON object; `undefined` when the text is no JSON object.
 *
 * They are written behind the others and nothing else of the text is touched, so numbers beyond double precision survive. Only
 * where a member is there already is the object written anew, and ours wins.
 */
export function mergeIntoJson(text: Buffer, members: Readonly<Record<string, unknown>>): Buffer | undefined {
  const object = parseObject(text);
  if (object === undefined) return undefined;
  const added = JSON.stringify(members);
  if (added === "{}") return text;
  if (Object.keys(members).some((name) => Object.hasOwn(object, name))) return Buffer.from(JSON.stringify({ ...object, ...members }));
  const end = text.lastIndexOf("}");
  const separator = Object.keys(object).length === 0 ? "" : ",";
  return Buffer.concat([text.subarray(0, end), Buffer.from(separator + added.slice(1, -1)), text.subarray(end)]);
}

function parseObject(text: Buffer): Record<string, unknown> | undefined {
  if (!isUtf8(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text.toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
