/** The classes of attack that the screening knows. */
export const attackClasses = ["sqli", "xss", "cmdi", "traversal", "ssti", "nosql", "xxe", "ssi", "pollution"] as const;

/**
 * Class of attack: SQL injection, cross-site scripting, command injection, path traversal, server-side template injection,
 * NoSQL injection, XML external entity, server-side include or script tag, prototype pollution.
 */
export type AttackClass = (typeof attackClasses)[number];

/** Something in a text that has the syntax of an attack. */
export interface Finding {
  readonly class: AttackClass;
  /** Which recogniser rule found it, such as `tautology`. */
  readonly rule: string;
  /** How sure the rule is, from 1 to 10. */
  readonly score: number;
  /** Start and end in the text, in UTF-16 code units; the whole text where the finding shows after decoding only. */
  readonly span: readonly [start: number, end: number];
}

/** What a recogniser reports: a finding in the text that it was given. */
export interface Hit {
  readonly rule: string;
  readonly score: number;
  readonly start: number;
  readonly end: number;
}

/** Collects the strongest hit of each rule, so that a long text with thousands of hits stays small. */
export class Hits {
  readonly #byRule = new Map<string, Hit>();

  add(rule: string, score: number, start: number, end: number): void {
    const known = this.#byRule.get(rule);
    if (known === undefined || known.score < score) this.#byRule.set(rule, { rule, score, start, end });
  }

  list(): Hit[] {
    return [...this.#byRule.values()];
  }
}

const descriptions: Readonly<Record<AttackClass, string>> = {
  sqli: "SQL injection",
  xss: "cross-site scripting",
  cmdi: "command injection",
  traversal: "path traversal",
  ssti: "template injection",
  nosql: "NoSQL injection",
  xxe: "an XML external entity",
  ssi: "a server-side include",
  pollution: "prototype pollution",
};

export function describeClass(attackClass: AttackClass): string {
  return descriptions[attackClass];
}
