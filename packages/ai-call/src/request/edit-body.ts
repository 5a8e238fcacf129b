import { JsonScanner } from "./json-scanner.ts";
import type { BodyPositions } from "./read-call.ts";

/** Another value for the bytes of one in the body. */
export interface Replacement {
  readonly range: readonly [start: number, end: number];
  readonly value: unknown;
}

/**
 * Replaces values and appends members at the end of the object. The rest of the body stays as the client sent it, byte by byte.
 *
 * @param members names and values, of which none is in the body yet
 */
export function editBody(
  body: Buffer,
  { end, isEmpty }: BodyPositions,
  replacement: Replacement | undefined,
  members: readonly (readonly [name: string, value: unknown])[],
): Buffer {
  const added = members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",");
  const [from, to] = replacement?.range ?? [end, end];
  return Buffer.concat([
    body.subarray(0, from),
    Buffer.from(replacement === undefined ? "" : JSON.stringify(replacement.value)),
    body.subarray(to, end),
    Buffer.from(isEmpty || added === "" ? added : `,${added}`),
    body.subarray(end),
  ]);
}

/** Replaces the value of a member at the top level. The rest of the body stays as it is, byte by byte. */
export function replaceMember(body: Buffer, member: string, value: unknown): Buffer {
  return changeMember(body, member, () => value);
}

/** Replaces the value of a member at the top level by what the function makes of its bytes. A body without it stays as it is. */
export function changeMember(body: Buffer, member: string, change: (bytes: Buffer) => unknown): Buffer {
  const scanner = new JsonScanner(body);
  let [start, end]: readonly [start: number, end: number] = [0, 0];
  scanner.object((name) => {
    const range = scanner.skip();
    if (name === member) [start, end] = range;
  });
  if (end === 0) return body;
  const value = change(body.subarray(start, end));
  return Buffer.concat([body.subarray(0, start), Buffer.from(JSON.stringify(value)), body.subarray(end)]);
}
