import { type HeaderGroup, requestClaims, withheldHeaders } from "@aivillage/downstream-proxy";

/** `docs/headers.md`: the headers that do not pass between clients and services, from the tables of the proxy. */
export function headersPage(): string {
  return `# Headers that do not pass

This page is made from the tables in \`@aivillage/downstream-proxy\`. A name that ends in \`-*\` stands for every name that begins so. Case
does not matter.

## From clients to services

Services take these headers for the word of the server in front. They are dropped from every client, and from trusted proxies too, unless
\`FORWARD_HEADERS\` or \`FORWARD_TRUSTED_HEADERS\` lists them (in the package: \`forwardHeaders\`, \`forwardTrustedHeaders\`).
\`Forwarded\`, \`X-Forwarded-For\`, \`X-Forwarded-Host\` and \`X-Forwarded-Proto\` are always written by the gateway.

${listOf(requestClaims)}
## From services to clients

By these headers a service would speak for the gateway. They are dropped unless \`PASS_RESPONSE_HEADERS\` lists them (in the package:
\`passResponseHeaders\`). \`Access-Control-*\` cannot be listed in the gateway: \`CORS_ORIGINS\` decides.

${listOf(withheldHeaders)}`;
}

function listOf(groups: readonly HeaderGroup[]): string {
  return groups
    .map(({ group, source, names }) => `- **${group}**: ${source}.\n  ${names.map((name) => `\`${name}\``).join(", ")}\n`)
    .join("");
}
