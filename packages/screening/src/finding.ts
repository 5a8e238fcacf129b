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
  "other",
] as const;

/**
 * Class of attack: SQL injection, cross-site scripting, command injection, path traversal, server-side template injection,
 * NoSQL injection, XML external entity, server-side include or script tag, code injection (Java, PHP, Node.js, Perl, Ruby),
 * server-side request forgery, LDAP injection, header injection, prototype pollution, characters that a strict field has no use for, and what
 * only the judgement takes for an attack.
 */
export type AttackClass = (typeof attackClasses)[number];

/** Something in a text that has the syntax of an attack. */
export interface Finding {
  readonly class: AttackClass;
  /** Which detector rule found it, such as `condition`. */
  readonly rule: string;
  /** How sure the rule is, from 1 to 10. */
  readonly score: number;
  /** Start and end in the text, in UTF-16 code units; the whole text where the finding shows after decoding only. */
  readonly span: readonly [start: number, end: number];
  /** How sure the screening is that the text is an attack, from 0 to 1; with `basis` `evidence`, a tenth of the score. */
  readonly confidence: number;
  /**
   * Why it counts: `both` when the rule reaches the threshold and the judgement does not disagree, `judgement` when a weaker rule saw
   * something or none did and the judgement is nearly certain, `evidence` when nothing was judged.
   */
  readonly basis: "both" | "judgement" | "evidence";
  /** `flag` when the profile only reports it: under `model`, whatever does not attack the HTTP stack itself. */
  readonly outcome: "block" | "flag";
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
  other: "code that looks like an attack",
};

/** A class in words for people, such as `SQL injection`. */
export function describeClass(attackClass: AttackClass): string {
  return descriptions[attackClass];
}
