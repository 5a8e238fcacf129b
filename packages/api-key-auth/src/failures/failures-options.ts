import { option, readOptions } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import type { FailureSettings } from "./failed-attempts.ts";

/** How many bad keys and tokens of one client are borne: of an IPv4 address, or of a /56 network of IPv6. Counted in this process. */
export interface FailuresOptions {
  /** Failures in any trailing window, 1 to 1000; those that follow are 429 without a look at the credentials. Default 20. */
  limit?: number;
  /** Length of the window in milliseconds, at most a day. Default 60,000. */
  windowMs?: number;
  /** Clients that are remembered at most; the one that has been quiet longest is forgotten first. Default 10,000. */
  maxClients?: number;
}

export function readFailuresOptions(given: FailuresOptions): FailureSettings {
  return readOptions(
    packageName,
    given,
    {
      limit: option.integer(20, { min: 1, max: 1_000 }),
      windowMs: option.integer(60_000, { min: 1, max: 86_400_000 }),
      maxClients: option.integer(10_000, { min: 1, max: 1_000_000 }),
    },
    "failures",
  );
}
