import type { Effort } from "./budget.ts";

/** The classes of attack that the screening knows. */
export const attackClasses = [
  "sqli",
  "xss",
  "cmdi",
  "traversal",
  "ssti",
  "nosql",
  "xxe",
  "ssi",
  "code",
  "ssrf",
  "ldap",
  "http",
  "pollution",
  "syntax",
] as const;

/**
 * Class of attack: SQL injection, cross-site scripting, command injection, path traversal, server-side template injection,
 * NoSQL injection, XML external entity, server-side include or script tag, code injection (Java, PHP, Node.js, Perl, Ruby),
 * server-side request forgery, LDAP injection, header injection, prototype pollution, and characters that a strict field has no use for.
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

/** From this score on, marking something as code does not make it harmless. */
export const certain = 8;

const none: readonly Hit[] = [];

/** Collects the strongest hit of each rule, so that a long text with thousands of hits stays small. */
export class Hits {
  #byRule: Map<string, Hit> | undefined;
  readonly #effort: Effort;

  constructor(effort: Effort) {
    this.#effort = effort;
  }

  /** Whether there is effort left; a text that needs more says so in a hit of its own. */
  spend(at: number, amount = 1): boolean {
    if (this.#effort.spend(amount)) return true;
    this.add("too-many-signs", certain, at, at + 1);
    return false;
  }

  /** Whether a rule has a hit with this score already, so that it need not look for more of its kind. */
  has(rule: string, score: number): boolean {
    return (this.#byRule?.get(rule)?.score ?? 0) >= score;
  }

  add(rule: string, score: number, start: number, end: number): void {
    this.#byRule ??= new Map();
    const known = this.#byRule.get(rule);
    if (known === undefined || known.score < score) this.#byRule.set(rule, { rule, score, start, end });
  }

  list(): Iterable<Hit> {
    return this.#byRule?.values() ?? none;
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
  code: "code injection",
  ssrf: "server-side request forgery",
  ldap: "LDAP injection",
  http: "header injection",
  pollution: "prototype pollution",
  syntax: "code in a field that has none",
};

export function describeClass(attackClass: AttackClass): string {
  return descriptions[attackClass];
}
