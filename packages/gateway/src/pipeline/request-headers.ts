import type { IncomingMessage } from "node:http";

import { getPrincipal, type StrayKeys, strayKeys } from "@aivillage/api-key-auth";
import type { DownstreamProxyOptions } from "@aivillage/downstream-proxy";
import { FileSnapshot } from "@aivillage/middleware";

import { readHeaderValue } from "../config/loader/header-values.ts";
import { isCredentialHeader } from "../config/options/credential-headers.ts";
import { isProvider } from "../config/settings/expand-route.ts";
import type { RouteConfig } from "../config/settings/route-config.ts";
import { headerSource, type RequestHeaderRule } from "../config/settings/route-headers.ts";
import { identityHeaders } from "./identity.ts";
import type { UpstreamContext } from "./upstream-context.ts";

type Fields = Record<string, string | undefined>;
/** Adds fields for one request. */
type AddFields = (fields: Fields, req: IncomingMessage) => void;

/**
 * What a route changes in the headers that its service gets, as options of the proxy. Everything that does not depend on the request is
 * decided here; a route without such headers gets `common` as it is.
 */
export function requestHeaderOptions(
  route: RouteConfig,
  common: DownstreamProxyOptions,
  context: UpstreamContext,
): Pick<DownstreamProxyOptions, "headers" | "forwardHeaders" | "forwardAuthorization" | "forwardCookies"> {
  const rules = Object.entries(route.requestHeaders ?? {}).map(([name, rule]) => [name.toLowerCase(), rule] as const);
  const forwarded = rules.filter(([, rule]) => rule === true).map(([name]) => name);
  const { forwardAuthorization = false, forwardCookies = false } = route;
  const { headers: commonFields = () => ({}), forwardHeaders = [] } = common;
  const adders = [
    ...(forwardAuthorization ? [withoutOwnKeys("authorization", context)] : []),
    ...rules.flatMap((rule) => fieldAdder(...rule, context)),
    ...identityHeaders(route),
    ...(isProvider(route) ? [withoutStray(context)] : []),
    ...(route.upstreamKeyFile === undefined ? [] : [withoutPayers([...forwardHeaders, ...forwarded])]),
  ];
  return {
    forwardHeaders: [...forwardHeaders, ...forwarded],
    forwardAuthorization,
    forwardCookies,
    headers:
      adders.length === 0
        ? commonFields
        : (req) => {
            const fields: Fields = { ...commonFields(req) };
            for (const add of adders) add(fields, req);
            return fields;
          },
  };
}

function fieldAdder(name: string, rule: RequestHeaderRule, context: UpstreamContext): AddFields[] {
  if (rule === true) return isCredentialHeader(name) ? [withoutOwnKeys(name, context)] : [];
  const source = headerSource(rule);
  if (source?.file !== undefined) {
    const { file, prefix = "" } = source;
    return [(fields) => void (fields[name] = prefix + context.secrets.textOf(file))];
  }
  const value = source && readHeaderValue(source, new FileSnapshot());
  return [(fields) => void (fields[name] = value)];
}

/** Drops each header with a key, whatever its name. */
function withoutStray(context: UpstreamContext): AddFields {
  const stray = strayKeysOf(context);
  return (fields, req) => {
    for (const name of stray.headersOf(req)) if (!(name in fields)) fields[name] = undefined;
  };
}

/** Whom a provider bills for a call, if its key may spend for several. */
const payers = ["openai-organization", "openai-project", "x-goog-user-project"];

/** Drops what the client says of that where the key is not its own, unless the route passes or sets it. */
function withoutPayers(forwarded: readonly string[]): AddFields {
  const passed = new Set(forwarded.map((name) => name.toLowerCase()));
  const dropped = payers.filter((name) => !passed.has(name));
  return (fields) => {
    for (const name of dropped) if (!(name in fields)) fields[name] = undefined;
  };
}

/** Finds keys of the gateway, and the client's own credentials, where no service may get them. */
export function strayKeysOf({ isOwnKey, carriers }: UpstreamContext): StrayKeys {
  return strayKeys({ isKey: isOwnKey, carriers });
}

/** Drops the client's header when it holds a key of the gateway, or when a token in it was accepted here. */
function withoutOwnKeys(name: string, context: UpstreamContext): AddFields {
  const stray = strayKeysOf(context);
  const isCarrier = context.carriers.includes(name);
  return (fields, req) => {
    const given = req.headers[name];
    if (given === undefined) return;
    if (stray.isIn(String(given)) || (isCarrier && getPrincipal(req) !== undefined)) fields[name] = undefined;
  };
}
