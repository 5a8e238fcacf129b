import type { DownstreamProxyOptions, ResponseFilter } from "@aivillage/downstream-proxy";
import { FileSnapshot } from "@aivillage/middleware";

import { readHeaderValue } from "../config/loader/header-values.ts";
import { isCredentialHeader } from "../config/rules/route-header-faults.ts";
import type { ExpandedRoute } from "../config/settings/expand-route.ts";
import { headerSource, type RequestHeaderRule } from "../config/settings/route-headers.ts";
import { routeName } from "../config/settings/route-name.ts";
import { KeyWatch } from "./key-watch.ts";
import type { UpstreamContext } from "./upstream-context.ts";
import { keyRefused, responseWithheld } from "./upstream-problems.ts";

type Filter = NonNullable<DownstreamProxyOptions["filter"]>;
type FilteredHead = Parameters<Filter>[1];

/** Sees the head of a response before its own filter, which may be none, and returns what filters the response. */
export type KeyFilter = (head: FilteredHead, inner: ResponseFilter | undefined) => ResponseFilter | undefined;

/** A shorter value of a header is no secret worth its name, and would be found in texts that have nothing to do with it. */
const shortestKey = 8;

/**
 * Keeps errors about the gateway's own keys from clients: a refused key is the operator's to replace, and one that the service repeats in
 * its error is none of theirs. `undefined` for a route whose services get no key of the gateway.
 */
export function keyFilter(route: ExpandedRoute, context: UpstreamContext): KeyFilter | undefined {
  const sources = keySources(route, context);
  if (sources.length === 0) return undefined;
  const isOwnFault = !forwardsCredentials(route);
  const name = routeName(route);
  return ({ status, headers }, inner) => {
    if (status < 400) return inner;
    const withhold = (): Error => {
      context.reportKey({ route: name, status, problem: "repeated" });
      return responseWithheld();
    };
    if (isOwnFault && (status === 401 || status === 403)) {
      context.reportKey({ route: name, status, problem: "refused" });
      throw keyRefused();
    }
    const keys = sources.map((keyOf) => keyOf()).filter((key) => key.length >= shortestKey);
    if (keys.length === 0) return inner;
    const isCoded = (headers["content-encoding"] ?? "identity") !== "identity";
    if (isCoded || Object.values(headers).some((value) => keys.some((key) => String(value).includes(key)))) throw withhold();
    return new KeyWatch(keys, inner, withhold);
  };
}

/** The keys for the service and its fallbacks, as they are at any time. */
function keySources(route: ExpandedRoute, { secrets }: UpstreamContext): (() => string)[] {
  const { requestHeaders = {}, fallback = [] } = route;
  const ofFile = (file: string) => () => secrets.textOf(file);
  return [
    ...Object.entries(requestHeaders).flatMap(([name, rule]) => keySource(name, rule, ofFile)),
    ...fallback.flatMap(({ keyFile }) => (keyFile === undefined ? [] : [ofFile(keyFile)])),
  ];
}

function keySource(name: string, rule: RequestHeaderRule, ofFile: (file: string) => () => string): (() => string)[] {
  const { file, env } = headerSource(rule) ?? {};
  if (!isCredentialHeader(name)) return [];
  if (file !== undefined) return [ofFile(file)];
  if (env === undefined) return [];
  const value = readHeaderValue({ env }, new FileSnapshot());
  return [() => value];
}

/** Where clients send credentials of the service, a refusal is theirs. */
function forwardsCredentials({ forwardAuthorization = false, requestHeaders = {} }: ExpandedRoute): boolean {
  return forwardAuthorization || Object.entries(requestHeaders).some(([name, rule]) => rule === true && isCredentialHeader(name));
}
