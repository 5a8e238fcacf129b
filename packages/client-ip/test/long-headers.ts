import assert from "node:assert/strict";

import { reported } from "./support.ts";

/** What a careless parser goes back over again and again. */
export const hostileParts = ['"', "\\", '\\"', "[", "a=b;", " ", ",", "for=10.0.0.9,", ";", "a", ":"];

/** Reads both headers with a value of this length that repeats the part, with several endings. */
export function readLong(part: string, length: number): void {
  const value = part.repeat(Math.ceil(length / part.length));
  for (const ending of ["", ", for=10.0.0.2", '"', "=", " x"]) {
    assert.match(String(reported("Forwarded", value + ending)), /^10\./);
    assert.match(String(reported("X-Forwarded-For", value + ending)), /^10\./);
  }
}
