import { identityToken } from "@aivillage/api-key-auth";
import { downstreamProxy } from "@aivillage/downstream-proxy";
import { FileSnapshot, type Handler, isValidHeader } from "@aivillage/middleware";
import { securityHeaders } from "@aivillage/security-headers";

import { ConfigError } from "../loader/config-error.ts";
import { readText } from "../loader/file-text.ts";
import { readHeaderValue } from "../loader/header-values.ts";
import { isCredentialHeader } from "../options/credential-headers.ts";
import type { ExpandedRoute } from "../settings/expand-route.ts";
import { headerSource, type RequestHeaderRule } from "../settings/route-headers.ts";
import { reasonsAgainst } from "./reasons-against.ts";

/** Headers whose forwarding is a key of the route. */
const byKey = new Map([
  ["authorization", "forwardAuthorization"],
  ["cookie", "forwardCookies"],
]);
/** What the gateway alone writes. */
const own = /^(x-request-id|traceparent|tracestate|x-gateway-.*)$/;
/** Response headers that frame or describe the content, or belong to a connection. */
const framing =
  /^(connection|keep-alive|transfer-encoding|trailer|upgrade|te|via|date|content-(length|encoding|type|range)|accept-ranges|etag|set-cookie)$/;

/** Whether a header written into the configuration is a credential, by its name or its form. */
function holdsCredential(name: string, value: string): boolean {
  if (isCredentialHeader(name) || /(^|-)(token|key|secret|password|cookie|auth)$/i.test(name)) return true;
  return /^(bearer|basic|token|apikey) \S/i.test(value);
}

/** What is wrong with the headers that a route changes. No value is repeated. */
export function routeHeaderProblems(route: ExpandedRoute): string[] {
  const { requestHeaders = {}, responseHeaders = {}, securityHeaders: security, identity } = route;
  const { forwardAuthorization = false, public: isPublic = false } = route;
  const files = new FileSnapshot();
  return [
    ...(forwardAuthorization && !isPublic ? [notPublic("`forwardAuthorization`")] : []),
    ...Object.entries(requestHeaders).flatMap(([name, rule]) => requestProblem(route, name, rule, files)),
    ...Object.entries(responseHeaders).flatMap(([name, value]) => responseProblem(name, value)),
    ...(typeof security === "object" ? problemsOfMaking("securityHeaders", () => securityHeaders(security)) : []),
    ...(typeof identity === "object" ? problemsOfMaking("identity", () => makeIdentityToken(identity.keyFile, files)) : []),
  ];
}

function notPublic(place: string): string {
  return `forwards ${place}, which may hold a key of the gateway: set \`public: true\`, or give the service its own key with { file: … }`;
}

function requestProblem({ public: isPublic = false }: ExpandedRoute, name: string, rule: RequestHeaderRule, files: FileSnapshot): string[] {
  const place = `\`requestHeaders\`.${name}`;
  const key = byKey.get(name.toLowerCase());
  if (own.test(name.toLowerCase())) return [`sets ${place}, which services get from the gateway itself: remove it`];
  if (key !== undefined && rule === true) return [`forwards ${place}: set \`${key}: true\` instead`];
  if (key === undefined && isOwned(name)) return [`sets ${place}, which the gateway writes itself: remove it`];
  if (rule === true && isCredentialHeader(name) && !isPublic) return [notPublic(place)];
  const source = headerSource(rule);
  if (source === undefined) return [];
  const kinds = (["value", "file", "env"] as const).filter((kind) => source[kind] !== undefined);
  if (kinds[0] === "value" && holdsCredential(name, source.value ?? "")) {
    return [
      `holds a credential in ${place}: keep it out of the configuration with { file: … } or { env: … }, and a prefix such as "Bearer "`,
    ];
  }
  if (kinds.length !== 1) return [`needs one of \`value\`, \`file\` and \`env\` in ${place}`];
  return problemsOfMaking(place.replaceAll("`", ""), () => {
    const value = readHeaderValue(source, files);
    if (!isValidHeader(name, value)) throw new ConfigError(["the value has characters that no header can hold, such as a line break"]);
  });
}

function responseProblem(name: string, value: string | false): string[] {
  const place = `\`responseHeaders\`.${name}`;
  if (/^access-control-/i.test(name)) return [`has ${place}, which \`cors\` decides: set that instead`];
  if (framing.test(name.toLowerCase()))
    return [`has ${place}, which describes the content or the connection and is the service's: remove it`];
  return value === false || isValidHeader(name, value)
    ? []
    : [`has ${place} with characters that no header can hold, such as a line break`];
}

/** The proxy connects to nothing before its first request. */
function isOwned(name: string): boolean {
  try {
    downstreamProxy({ target: "http://localhost", forwardHeaders: [name] });
    return false;
  } catch {
    return true;
  }
}

/** An unreadable file is reported, and so is a key that cannot sign. */
function makeIdentityToken(keyFile: string, files: FileSnapshot): Handler {
  return identityToken({ key: readText(files, keyFile, "The key file"), issuer: "aivillage-gateway", audience: "any" });
}

function problemsOfMaking(place: string, make: () => unknown): string[] {
  return reasonsAgainst(make).map((reason) => `has an error in \`${place}\`: ${reason}`);
}
