import { JsonScanner } from "./json-scanner.ts";
import type { BodyPositions } from "./read-call.ts";

type Member = readonly [name: string, value: unknown];

/**
 * Writes members into the object: one that is there gets another value, any other is appended at the end. The rest of the body stays as the
 * client sent it, byte by byte.
 *
 * @param members of which each is either among the values of the positions, or not in the body
 */
export function editBody(body: Buffer, { end, isEmpty, values }: BodyPositions, members: readonly Member[]): Buffer {
  const replaced = members
    .flatMap(([name, value]) => {
      const range = values.get(name);
      return range === undefined ? [] : [{ range, value }];
    })
    .toSorted((one, other) => one.range[0] - other.range[0]);
  const added = members.filter(([name]) => !values.has(name)).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const parts: Buffer[] = [];
  let at = 0;
  for (const { range, value } of replaced) {
    parts.push(body.subarray(at, range[0]), Buffer.from(JSON.stringify(value)));
    at = range[1];
  }
  const separator = isEmpty || added.length === 0 ? "" : ",";
  return Buffer.concat([...parts, body.subarray(at, end), Buffer.from(separator + added.join(",")), body.subarray(end)]);
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
