import type { MetricsSource } from "@aivillage/metrics";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";
import type { ReloadResult } from "../state/recent-reloads.ts";
import type { ServingFleet } from "./serving-process.ts";

/** What the admin listener shows and changes. */
export interface AdminSource {
  /** The configuration in force. */
  readonly config: GatewayConfig;
  /** What came of the last reloads, the newest last. */
  readonly reloads: readonly ReloadResult[];
  readonly logger: GatewayLogger;
  /** The metrics of all processes. */
  readonly metrics: MetricsSource;
  readonly fleet: ServingFleet;
}
