import type { IncomingMessage } from "node:http";

import { defined, option, readOptions, returns } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import type { FailureSettings } from "./failed-attempts.ts";

/** How many guesses of one client are tolerated: of an IPv4 address, or of a /56 network of IPv6. Counted in this process. */
export interface FailuresOptions {
  /** Guesses in any trailing window that are refused with 401, 1 to 1000; further ones are refused with 429. Default 20. */
  limit?: number;
  /** Length of the window in milliseconds, at most a day. Default 60,000. */
  windowMs?: number;
  /** Clients that are remembered at most; the one that has been quiet longest is forgotten first. Default 10,000. */
  maxClients?: number;
  /** Requests whose guesses are not counted, such as those of a trusted network. Default: none. */
  skip?: (req: IncomingMessage) => boolean;
}

export type ReadFailuresOptions = FailureSettings & Pick<FailuresOptions, "skip">;

export function readFailuresOptions(given: FailuresOptions): ReadFailuresOptions {
  const { skip, ...settings } = readOptions(
    packageName,
    given,
    {
      limit: option.integer(20, { min: 1, max: 1_000 }),
      windowMs: option.integer(60_000, { min: 1, max: 86_400_000 }),
      maxClients: option.integer(10_000, { min: 1, max: 1_000_000 }),
      skip: option.function<(req: IncomingMessage) => boolean>(undefined, returns.boolean),
    },
    "failures",
  );
  return { ...settings, ...defined({ skip }) };
}
