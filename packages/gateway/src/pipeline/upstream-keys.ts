import { type DownstreamProxyOptions, withholdSecrets } from "@aivillage/downstream-proxy";
import { FileSnapshot } from "@aivillage/middleware";

import { readHeaderValue } from "../config/loader/header-values.ts";
import { forwardsCredentials, isCredentialHeader } from "../config/options/credential-headers.ts";
import type { ExpandedRoute } from "../config/settings/expand-route.ts";
import { headerSource, type RequestHeaderRule } from "../config/settings/route-headers.ts";
import { routeName } from "../config/settings/route-name.ts";
import type { KeyProblem } from "../state/telemetry/key-problems.ts";
import type { UpstreamContext } from "./upstream-context.ts";
import { keyRefused, responseWithheld } from "./upstream-problems.ts";

type Filter = NonNullable<DownstreamProxyOptions["filter"]>;

/**
 * Keeps errors about the gateway's own keys from clients: a refused key is the operator's to replace, and one that the service repeats in
 * its error is none of theirs. `undefined` for a route whose services get no key of the gateway.
 */
export function keyFilter(route: ExpandedRoute, context: UpstreamContext, inner: Filter): Filter | undefined {
  const sources = keySources(route, context);
  if (sources.length === 0) return undefined;
  const report = ({ status }: Parameters<Filter>[1], problem: KeyProblem["problem"]): void =>
    context.reportKey({ route: routeName(route), status, problem });
  // Where clients send credentials of the service, a refusal is about theirs.
  const isOwnProblem = !forwardsCredentials(route);
  return withholdSecrets({
    secrets: () => sources.map((keyOf) => keyOf()),
    withhold: (_req, head) => {
      report(head, "repeated");
      return responseWithheld();
    },
    filter: (req, head) => {
      const ofResponse = inner(req, head);
      if (!isOwnProblem || (head.status !== 401 && head.status !== 403)) return ofResponse;
      report(head, head.status === 401 ? "refused" : "forbidden");
      throw keyRefused(head.status);
    },
  });
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
