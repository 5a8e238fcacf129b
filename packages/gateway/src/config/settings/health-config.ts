import { builtInServices, type ServiceName } from "./built-in-services.ts";

/** A status, or a class of statuses. */
type Status = number | "2xx" | "3xx" | "4xx" | "5xx";

/** How the health of one service is probed. */
export interface HealthConfig {
  /** Path of the probe. Default `/healthz`. */
  path?: string;
  /** Statuses of a healthy response. Default: 2xx; for a route without `path`, everything below 500. */
  expectedStatus?: Status | Status[];
  /** Time between two probes in seconds. Default: `health.intervalSeconds`. */
  intervalSeconds?: number;
  /** Longest duration of a probe in seconds. Default: `timeouts.healthCheckSeconds`. */
  timeoutSeconds?: number;
  /** Whether the gateway is unhealthy unless this service is healthy. Default false. */
  critical?: boolean;
  /** Whether the service is not probed at all. Default false. */
  disabled?: boolean;
}

/** How a built-in service is probed. */
export interface ServiceHealthConfig extends HealthConfig {
  name: ServiceName;
}

const status = {
  description: "a status from 200 to 599, or a class such as 2xx",
  anyOf: [{ type: "integer", minimum: 200, maximum: 599 }, { enum: ["2xx", "3xx", "4xx", "5xx"] }],
} as const;

const properties = {
  path: {
    description: "a path such as /ready, of at most 512 characters without spaces and #",
    type: "string",
    pattern: "^/[^\\s#]*$",
    maxLength: 512,
  },
  expectedStatus: {
    description: "a status from 200 to 599, a class such as 2xx, or a list such as [200, 204]",
    anyOf: [
      status,
      { description: "a list of 1 to 32 statuses such as [200, 204]", type: "array", items: status, minItems: 1, maxItems: 32 },
    ],
  },
  intervalSeconds: { type: "integer", minimum: 1, maximum: 3_600 },
  timeoutSeconds: { type: "integer", minimum: 1, maximum: 600 },
  critical: { type: "boolean" },
  disabled: { type: "boolean" },
} as const;

/** The form of `health` of a route. */
export const healthSchema = {
  description: "an object such as { path: /ready, expectedStatus: 200 }",
  type: "object",
  additionalProperties: false,
  properties,
} as const;

/** The form of `health.services`. */
export const serviceHealthSchema = {
  type: "array",
  maxItems: builtInServices.length,
  items: {
    description: "an object such as { name: twin, path: /ready }",
    type: "object",
    additionalProperties: false,
    required: ["name"],
    properties: { name: { enum: builtInServices }, ...properties },
  },
} as const;

/** Only the last of two entries for one service would count. */
export function serviceHealthProblems(services: readonly ServiceHealthConfig[]): string[] {
  const names = services.map(({ name }) => name);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [`\`health.services\`[${index}] ${name} has an entry already: keep one of them`],
  );
}
