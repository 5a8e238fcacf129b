import { nearest, OptionError } from "@aivillage/middleware";

export const packageName = "@aivillage/security-headers";

/** `script-src` as `scriptSrc`. */
export type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Rest}` ? `${Head}${Capitalize<CamelCase<Rest>>}` : Name;

/** What a policy is checked against. */
interface KnownNames {
  /** Where it stands, such as `contentSecurityPolicy`. */
  readonly option: string;
  /** Such as `directive`. */
  readonly kind: string;
  readonly names: readonly string[];
  /** Further names. */
  readonly accepts?: RegExp;
  /** The header, for what is newer than the list. */
  readonly header: string;
  /** What to write instead of members that similar packages have. */
  readonly foreign: Readonly<Record<string, string>>;
}

/**
 * A policy whose names are written as browsers know them: `scriptSrc` becomes `script-src`.
 *
 * @throws OptionError for a name that no browser knows, and for one that is given twice
 */
export function canonicalNames<T>(policy: Readonly<Record<string, T>>, known: KnownNames): [name: string, value: T][] {
  const seen = new Set<string>();
  return Object.entries(policy).map(([given, value]) => {
    const name = toKebabCase(given);
    if (!known.names.includes(name) && known.accepts?.test(name) !== true) throw unknownName(given, known);
    if (seen.has(name)) throw wrong(known.option, `holds the ${known.kind} \`${name}\` twice; keep one`);
    seen.add(name);
    return [name, value];
  });
}

/** The error for a policy: what is wrong completes "option `contentSecurityPolicy` …". */
export function wrong(
  option: string,
  problem: string,
  more: { code?: OptionError["code"]; nearest?: string | undefined } = {},
): OptionError {
  return new OptionError({ packageName, option, expected: "what browsers understand", reason: `option \`${option}\` ${problem}`, ...more });
}

function unknownName(given: string, { option, kind, names, header, foreign }: KnownNames): OptionError {
  const code = "AIVILLAGE_OPTION_UNKNOWN";
  const remedy = foreign[given];
  if (remedy !== undefined) return wrong(option, `has no member \`${given}\`: ${remedy}`, { code });
  const near = nearest(toKebabCase(given), names);
  const guess = near === undefined ? "" : ` (did you mean \`${near}\`?)`;
  const newer = `one newer than this package goes into \`headers: { "${header}": … }\``;
  return wrong(option, `has the ${kind} \`${given}\`, which no browser knows${guess}; ${newer}`, { code, nearest: near });
}

function toKebabCase(name: string): string {
  return /^[a-z]+(?:[A-Z][a-z]*)+$/.test(name) ? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) : name;
}
