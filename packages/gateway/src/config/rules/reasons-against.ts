import { optionReason } from "@aivillage/middleware";

import { ConfigError } from "../loader/config-error.ts";

/** Why something cannot be made from what was set, for the operator; empty if it can. */
export function reasonsAgainst(make: () => unknown): readonly string[] {
  try {
    make();
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [optionReason(error)];
  }
}
