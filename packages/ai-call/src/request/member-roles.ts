import type { AiDialect } from "../dialects/dialect.ts";
import { memoized } from "../memoized.ts";

/** What a member is to a dialect. */
type Role = "scalar" | "models" | "input" | "tools" | "usage";

/** What a call has to say to a dialect. */
export interface MemberRoles {
  readonly byName: ReadonlyMap<string, Role>;
  /** The names of the members that are read, by their normalised form. */
  readonly exactNames: ReadonlyMap<string, string>;
}

/** The roles of the members that a dialect reads. */
export const rolesOf = memoized(({ request }: AiDialect): MemberRoles => {
  const {
    model,
    otherModels = [],
    stream = model,
    background = model,
    maxOutputTokens,
    choices = [],
    input,
    tools,
    usageRequest,
  } = request;
  const byName = new Map<string, Role>([
    ...(usageRequest === undefined ? [] : [[usageRequest[0], "usage"] as const]),
    ...(tools === undefined ? [] : [[tools, "tools"] as const]),
    ...otherModels.map((name) => [name, "models"] as const),
    ...input.map((name) => [name, "input"] as const),
    ...[model, stream, background, ...maxOutputTokens, ...choices].map((name) => [name, "scalar"] as const),
  ]);
  return { byName, exactNames: new Map([...byName.keys()].map((name) => [normalisedName(name), name])) };
});

/** As backends compare names that ignore case, such as those written in Go: `ſ` is `s`, and the Kelvin sign is `k`. */
export function normalisedName(name: string): string {
  return name.toUpperCase().toLowerCase();
}
