import type { Signature } from "./triggers.ts";

/** Ends of a statement that the text did not begin, with the rest of it commented away (CWE-89). */
export const querySignatures: readonly Signature[] = [
  ["sqli/trailing-clause", 8, "duplicate", /(?<=\)\s{0,3}on\s{1,3})duplicate\s{1,3}key\s{1,3}update\s[^\n]{1,60}(?:--|#|\/\*)/i],
  ["sqli/trailing-clause", 8, "collate", /(?<=['"]\s{0,3})collate\s{1,3}\w{1,20}\s{0,3}(?:--|#)/i],
];
