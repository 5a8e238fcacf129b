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
export function describeApi(endpoints: readonly DescribedPath[]): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "AIVillage Gateway",
      version,
      description: "The gateway in front of the twin, the agent controller and the knowledge system.",
    },
    servers: [{ url: "./" }],
    paths: pathsOf(endpoints),
    components: {
      schemas: components,
      securitySchemes: { apiKey: { type: "http", scheme: "bearer", description: "An API key or a signed JSON Web Token." } },
    },
  };
}

/** The methods that OpenAPI 3.1 can describe. */
const described: readonly string[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

function operationsOf({ methods, describe }: DescribedPath): Record<string, Operation> {
  if (describe === undefined) return {};
  const named = methods.includes("ANY") ? described : methods.filter((method) => described.includes(method));
  return Object.fromEntries(named.map((method) => [method.toLowerCase(), describe(method)]));
}

/** The operations by path. A path of several hosts has those of the first that serves the method. */
function pathsOf(endpoints: readonly DescribedPath[]): Record<string, Record<string, Operation>> {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const endpoint of endpoints) {
    const operations = operationsOf(endpoint);
    const path = endpoint.path.replace(/\*$/, "{rest}").replaceAll("+}", "}");
    if (Object.keys(operations).length > 0) paths[path] = { ...operations, ...paths[path] };
  }
  return paths;
}
