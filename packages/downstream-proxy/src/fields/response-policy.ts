import { normalisedName } from "./field-rules.ts";
import { headerMatcher } from "./header-patterns.ts";
import { hopByHop } from "./hop-by-hop.ts";
import { withheldHeaders } from "./withheld-headers.ts";

/** How a proxy treats the response headers of its targets. */
export interface ResponsePolicy {
  /** Name of this proxy in `Via`. */
  readonly viaName: string;
  /** Whether a header, its name in lower case, is dropped. */
  readonly isWithheld: (name: string) => boolean;
  /** Whether the target's header, its name in lower case, replaces one that an earlier handler set. */
  readonly isOverridable: (name: string) => boolean;
}

const isListed = headerMatcher(withheldHeaders.flatMap(({ names }) => names));

/** How many names are remembered; targets use few. */
const maxKnown = 500;

/**
 * Prepares the decision which headers of a target are dropped: those of the connection, the withheld ones that `passed` does not name, and
 * those in `further`.
 *
 * @param passed names and patterns
 * @param further names and patterns
 */
export function withheldUnless(passed: readonly string[], further: readonly string[] = []): ResponsePolicy["isWithheld"] {
  const connection = new Set(hopByHop);
  const isPassed = headerMatcher(passed);
  const isFurther = headerMatcher(further);
  const known = new Map<string, boolean>();
  // Some servers in front take `X_Accel_Redirect` for `X-Accel-Redirect`.
  const decide = (name: string): boolean => connection.has(name) || isFurther(name) || (isListed(normalisedName(name)) && !isPassed(name));
  return function isWithheld(name) {
    const before = known.get(name);
    if (before !== undefined) return before;
    const withheld = decide(name);
    if (known.size < maxKnown) known.set(name, withheld);
    return withheld;
  };
}
