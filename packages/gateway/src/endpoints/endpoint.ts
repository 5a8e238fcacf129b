import type { DownstreamProxyOptions } from "@aivillage/downstream-proxy";
import type { HealthCascade } from "@aivillage/health-cascade";
import type { Handler } from "@aivillage/middleware";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { Concurrency } from "../config/settings/route-concurrency.ts";
import type { RouteConfig } from "../config/settings/route-config.ts";
import type { BudgetsPart } from "../pipeline/budgets.ts";
import type { AccessPolicy } from "../pipeline/guard.ts";
import type { Input } from "../pipeline/input.ts";
import type { UpstreamContext } from "../pipeline/upstream-context.ts";
import type { RuntimeState } from "../state/runtime-state.ts";
import type { DescribedPath } from "./openapi/describe-api.ts";

/** What the handler of an endpoint may respond from. */
export interface Surroundings {
  readonly config: GatewayConfig;
  readonly state: RuntimeState;
  readonly health: HealthCascade;
  readonly budgets: BudgetsPart;
  /** Every endpoint that is served. */
  readonly endpoints: readonly Endpoint[];
}

/**
 * One path that the gateway serves. Routes, guard, `/openapi.json`, the list at `/` and the paths of the Python gateway are all derived from
 * the table of these.
 */
interface EndpointBase extends DescribedPath {
  /** Path or path template. */
  readonly path: string;
  /** Host or pattern of hosts. Default: all. */
  readonly host?: string | undefined;
  /** Methods, or `ANY`. */
  readonly methods: readonly string[];
  /** What the configuration says of headers, CORS and limits. Default: an endpoint of the gateway's own. */
  readonly route?: RouteConfig;
  /** False: the configuration has switched it off. Default true. */
  readonly isEnabled?: boolean;
  /** Who may use it, and how much. Default `{}`: every client with valid credentials. */
  readonly access?: AccessPolicy;
  /** How query and body are checked. Default: not at all; the handler reads neither. */
  readonly input?: Input;
  /** How many requests its service serves at once. Default: as many as come. */
  readonly concurrency?: Concurrency | undefined;
  /** Its name in the list at `/`. Default: it is not listed. */
  readonly listedAs?: string;
  /** Its path in the Python gateway. Default: it had none. */
  readonly formerPath?: string;
}

/** An endpoint that the gateway responds to itself. */
export interface OwnEndpoint extends EndpointBase {
  readonly handler: (surroundings: Surroundings) => Handler;
  readonly proxy?: never;
}

/** An endpoint that is proxied to a service. */
export interface ServiceEndpoint extends EndpointBase {
  readonly proxy: (config: GatewayConfig, context: UpstreamContext) => DownstreamProxyOptions;
  readonly handler?: never;
}

export type Endpoint = OwnEndpoint | ServiceEndpoint;
