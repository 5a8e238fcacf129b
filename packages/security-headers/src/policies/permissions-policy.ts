import { permissionsFeatures } from "./permissions-features.ts";
import { type CamelCase, canonicalNames, wrong } from "./policy-names.ts";

type Feature = (typeof permissionsFeatures)[number];

/**
 * Features of a Permissions-Policy, in kebab or camel case, each with the list of `self`, `src`, `*` or origins that may use it; an empty
 * list is nobody.
 */
export type PermissionsPolicy = { readonly [Name in Feature | CamelCase<Feature> | `ch-${string}`]?: readonly string[] };

const option = "permissionsPolicy";
const known = {
  option,
  kind: "feature",
  names: permissionsFeatures,
  accepts: /^ch(?:-[a-z0-9]+)+$/,
  header: "Permissions-Policy",
  foreign: { features: "write the features directly into `permissionsPolicy`" },
};

/** The policy as a structured field (RFC 9651, 3.2). @throws OptionError for what would make browsers drop the whole header */
export function writePermissionsPolicy(features: PermissionsPolicy): string {
  return canonicalNames<unknown>(features, known)
    .map(([feature, allowlist]) => `${feature}=(${readAllowlist(feature, allowlist).map(writeMember).join(" ")})`)
    .join(", ");
}

/** They are tokens; everything else is a string. */
const tokens: ReadonlySet<string> = new Set(["self", "src", "*"]);

function readAllowlist(feature: string, allowlist: unknown): readonly string[] {
  if (!Array.isArray(allowlist))
    throw wrong(option, `must have a list for \`${feature}\`, such as ["self"]; an empty list denies it to all`);
  for (const member of allowlist as unknown[]) if (!isMember(member)) throw wrong(option, `${remedyFor(member)} in \`${feature}\``);
  return allowlist as string[];
}

function isMember(member: unknown): member is string {
  return typeof member === "string" && (tokens.has(member) || /^https?:\/\/[\x21\x23-\x5b\x5d-\x7e]+$/.test(member));
}

function remedyFor(member: unknown): string {
  if (member === "none" || member === "'none'") return "must have an empty list instead of `none`";
  if (typeof member === "string" && /^'.*'$/.test(member)) return `must have \`${member.slice(1, -1)}\` without quotes`;
  return `must have \`self\`, \`src\`, \`*\` or origins such as \`https://example.com\`, not ${JSON.stringify(member)},`;
}

function writeMember(member: string): string {
  return tokens.has(member) ? member : JSON.stringify(member);
}
