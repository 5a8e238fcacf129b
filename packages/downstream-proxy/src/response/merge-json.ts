import { isUtf8 } from "node:buffer";

import type { ResponseHead } from "../fields/response-head.ts";
import { isStream } from "../fields/stream-type.ts";

const jsonType = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** Whether a response may be a JSON object that members can be added to. A `206` is only a part of one. */
export function isMergeable({ status, headers }: ResponseHead, method: string | undefined, limitBytes: number): boolean {
  if (method === "HEAD" || status === 204 || status === 206 || status === 304) return false;
  const { "content-type": type, "content-encoding": encoding, "content-length": length } = headers;
  if (encoding !== undefined || typeof type !== "string" || !jsonType.test(type) || isStream(headers)) return false;
  return length === undefined || Number(length) <= limitBytes;
}

interface MergeSettings {
  readonly mergeJson: unknown;
  readonly mergeJsonBytes: number;
}

/** Whether the response to a HEAD describes a content that a GET would get with more members: another length, and no validators (RFC 9110, 9.3.2). */
export function isHeadOfMerged(head: ResponseHead, method: string | undefined, { mergeJson, mergeJsonBytes }: MergeSettings): boolean {
  return mergeJson !== undefined && method === "HEAD" && isMergeable(head, "GET", mergeJsonBytes);
}

/**
 * Adds members to the text of a JSON object; `undefined` if the text is not a JSON object. In the result each character stands for a byte
 * (Latin-1).
 *
 * The members are written after the others and the rest of the text stays unchanged, so numbers beyond double precision survive. Only if
 * the object already has such a member is it serialised again, with the new value.
 *
 * @param makeMembers called only if there is an object to add them to
 */
export function mergeIntoJson(body: Buffer, makeMembers: () => Readonly<Record<string, unknown>>): string | undefined {
  // Read as Latin-1: characters beyond ASCII occur only within strings, whose content does not matter here.
  const text = body.toString("latin1");
  const object = isUtf8(body) ? parseObject(text) : undefined;
  if (object === undefined) return undefined;
  const members = makeMembers();
  const added = JSON.stringify(members);
  if (added === "{}") return text;
  const plain = isAscii(added);
  if (hasAny(plain ? object : parseUtf8(body), members)) return asBytes(JSON.stringify({ ...parseUtf8(body), ...members }));
  const end = text.lastIndexOf("}");
  const inner = (plain ? added : asBytes(added)).slice(1, -1);
  return `${text.slice(0, end)}${isEmpty(object) ? "" : ","}${inner}${text.slice(end)}`;
}

function parseUtf8(body: Buffer): Record<string, unknown> {
  return parseObject(body.toString()) ?? {};
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function hasAny(object: object, members: object): boolean {
  for (const name of Object.keys(members)) if (Object.hasOwn(object, name)) return true;
  return false;
}

function isEmpty(object: object): boolean {
  return Object.keys(object).length === 0;
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

function asBytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}
