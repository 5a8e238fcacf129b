import { nearest } from "@aivillage/middleware";

import { cspDirectives, cspKeywords } from "./csp-directives.ts";
import { type CamelCase, canonicalNames, wrong } from "./policy-names.ts";

type Directive = (typeof cspDirectives)[number];

/**
 * Directives of a Content-Security-Policy (CSP Level 3), in kebab or camel case: name to list of sources; `false` removes the directive.
 * Keywords and hashes stand in quotes of their own: `["'self'"]`.
 */
export type CspDirectives = { readonly [Name in Directive | CamelCase<Directive>]?: readonly string[] | false };

/** Stands in a policy where the nonce of the request goes. */
export const nonceMark = "{nonce}";
export const nonceSource = `'nonce-${nonceMark}'`;

const option = "contentSecurityPolicy";
const known = {
  option,
  kind: "directive",
  names: cspDirectives,
  header: "Content-Security-Policy",
  foreign: {
    directives: "write the directives directly into `contentSecurityPolicy`",
    useDefaults: "the directives join those of the preset, and `false` removes one",
    reportOnly: 'use `headers: { "Content-Security-Policy-Report-Only": … }`',
  },
};

/** The directives under the names that browsers know. @throws OptionError for a name or source that browsers would ignore */
export function readCspDirectives(directives: CspDirectives): readonly (readonly [name: string, sources: readonly string[] | false])[] {
  return canonicalNames<unknown>(directives, known).map(([name, sources]) => [
    name,
    sources === false ? false : readSources(name, sources),
  ]);
}

/** Directives whose values are no sources: flags, names and addresses. */
const withoutSources: ReadonlySet<string> = new Set(["report-to", "report-uri", "sandbox"]);
const hashForm = /^'sha(?:256|384|512)-[\w+/-]+={0,2}'$/;
const quotedForm = /^'(.*)'$/;
const unquotedForm = /^(?:sha(?:256|384|512)|nonce)-/i;

function readSources(name: string, sources: unknown): readonly string[] {
  if (!Array.isArray(sources)) throw wrong(option, `must have a list of sources or false for \`${name}\`, such as ["'self'"]`);
  for (const source of sources as unknown[]) {
    const problem = problemOf(name, source);
    if (problem !== undefined) throw wrong(option, `has a wrong source in \`${name}\`: ${problem}`);
  }
  if (sources.includes("'none'") && sources.length > 1)
    throw wrong(option, `has other sources beside 'none' in \`${name}\`: browsers ignore 'none' then`);
  return [...(sources as string[])];
}

function problemOf(name: string, source: unknown): string | undefined {
  if (typeof source === "function") return `a function; for a nonce write "${nonceSource}" and read it with getCspNonce()`;
  if (typeof source !== "string" || !/^[\x21-\x7e]+$/.test(source)) return "each is a string of ASCII characters without spaces";
  if (/[;,]/.test(source)) return `\`${source}\` holds a \`;\` or \`,\`, which would end the directive; give each source by itself`;
  if (withoutSources.has(name)) return undefined;
  const keyword = quotedForm.exec(source)?.[1];
  return keyword === undefined ? unquotedProblem(source) : keywordProblem(source, keyword);
}

function unquotedProblem(source: string): string | undefined {
  const isKeyword = cspKeywords.includes(source.toLowerCase()) || unquotedForm.test(source);
  if (isKeyword) return `\`${source}\` would be the name of a host; put it in quotes of its own: "'${source}'"`;
  return source.includes("'") ? `\`${source}\` has a quote in it` : undefined;
}

function keywordProblem(source: string, keyword: string): string | undefined {
  if (cspKeywords.includes(keyword.toLowerCase()) || hashForm.test(source) || source === nonceSource) return undefined;
  if (keyword.startsWith("nonce-"))
    return `\`${source}\` is the same for every response; write "${nonceSource}" and read it with getCspNonce()`;
  const near = nearest(keyword, cspKeywords, 2);
  return `\`${source}\` is no keyword${near === undefined ? "" : ` (did you mean "'${near}'"?)`}`;
}
