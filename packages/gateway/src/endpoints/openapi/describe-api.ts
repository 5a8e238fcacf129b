import { version } from "../../version.ts";
import type { Operation } from "./operations.ts";
import { components } from "./schemas.ts";

/** What a path tells of itself. */
export interface DescribedPath {
  readonly path: string;
  readonly methods: readonly string[];
  /** Describes one of its methods. Default: the path is left out. */
  readonly describe?: (method: string) => Operation;
}

/** The OpenAPI 3.1 document of these paths. */
export function describeApi(described: readonly DescribedPath[]): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "AIVillage Gateway",
      version,
      description: "The gateway in front of the twin, the agent controller and the knowledge system.",
    },
    servers: [{ url: "./" }],
    paths: Object.fromEntries(described.flatMap(operationsOf)),
    components: {
      schemas: components,
      securitySchemes: { apiKey: { type: "http", scheme: "bearer", description: "An API key or a signed JSON Web Token." } },
    },
  };
}

function operationsOf({ path, methods, describe }: DescribedPath): [string, Record<string, Operation>][] {
  if (describe === undefined) return [];
  return [[path, Object.fromEntries(methods.map((method) => [method.toLowerCase(), describe(method)]))]];
}
