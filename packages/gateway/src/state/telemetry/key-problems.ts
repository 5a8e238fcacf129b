import { throttleByKind } from "@aivillage/access-log";
import { createCounter, type Registry } from "@aivillage/metrics";

import type { GatewayLogger } from "../../dependencies.ts";

/** What a service did with the key that the gateway has sent it. */
export interface KeyProblem {
  /** Name of the route. */
  readonly route: string;
  /** Status of the response. */
  readonly status: number;
  /** It was refused, it does not permit the call, or its text was in the response. */
  readonly problem: "refused" | "forbidden" | "repeated";
}

const messages = {
  refused: ["upstream refuses the key of this gateway", "write a valid key into the file of the route"],
  forbidden: [
    "upstream does not permit a call with the key of this gateway",
    "give the key access to what clients call, such as the model, or take it from `models`",
  ],
  repeated: [
    "upstream error withheld: it may hold the key of this gateway",
    "ask the operators of the service not to repeat keys in errors",
  ],
} as const;

/** Counts and logs problems with keys; no key is in them. */
export function keyProblems(registry: Registry, logger: GatewayLogger): (found: KeyProblem) => void {
  const counter = createCounter({
    name: "gateway_upstream_key_problems_total",
    help: "Responses about a key of the gateway that clients did not get.",
    labelNames: ["route", "problem"],
    registry,
  });
  const log = throttleByKind(
    ({ route, status, problem }: KeyProblem) => `${route} ${status} ${problem}`,
    ({ route, status, problem }, responses) => {
      const [message, remedy] = messages[problem];
      logger.error({ route, status, responses, remedy }, message);
    },
  );
  return (found) => {
    counter.inc([found.route, found.problem]);
    log(found);
  };
}
