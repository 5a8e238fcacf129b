import { version } from "../../version.ts";
import { components } from "./components.ts";
import { type Operation, sharedResponses, tags } from "./operations.ts";

/** What a path says about itself. */
export interface DescribedPath {
  readonly path: string;
  readonly methods: readonly string[];
  /** Describes one of its methods. Default: the path is left out. */
  readonly describe?: (method: string) => Operation;
}

/**
 * The OpenAPI 3.1 document of these paths.
 *
 * @param carriers headers that may hold the key or token
 */
export function describeApi(endpoints: readonly DescribedPath[], carriers: readonly string[] = ["authorization"]): object {
  const securitySchemes = Object.fromEntries(carriers.map(securityScheme));
  return {
    openapi: "3.1.0",
    info: {
      title: "AIVillage Gateway",
      version,
      description: "The gateway in front of the twin, the agent controller and the knowledge system.",
    },
    servers: [{ url: "./" }],
    tags: tagsOf(endpoints),
    paths: pathsOf(endpoints, Object.keys(securitySchemes)),
    components: { schemas: components, responses: sharedResponses, securitySchemes },
  };
}

/** Those that a described operation has. */
function tagsOf(endpoints: readonly DescribedPath[]): object[] {
  const used = new Set(endpoints.flatMap(({ methods, describe }) => describe?.(methods[0] ?? "GET").tags ?? []));
  return Object.entries(tags).flatMap(([name, description]) => (used.has(name as keyof typeof tags) ? { name, description } : []));
}

function securityScheme(carrier: string): [name: string, scheme: object] {
  const description = "An API key or a signed JSON Web Token.";
  if (carrier.toLowerCase() === "authorization") return ["apiKey", { type: "http", scheme: "bearer", description }];
  return [carrier.toLowerCase(), { type: "apiKey", in: "header", name: carrier, description }];
}

/** The methods that OpenAPI 3.1 can describe. */
const describable: readonly string[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

function operationsOf({ methods, describe }: DescribedPath, schemes: readonly string[]): Record<string, Operation> {
  if (describe === undefined) return {};
  // One of the alternatives is enough.
  const security = schemes.map((scheme) => ({ [scheme]: [] }));
  const described = (method: string): Operation => {
    const operation = describe(method);
    return operation.security === undefined ? operation : { ...operation, security };
  };
  const named = methods.includes("ANY") ? describable : methods.filter((method) => describable.includes(method));
  return Object.fromEntries(named.map((method) => [method.toLowerCase(), described(method)]));
}

/** The operations by path: those of the first endpoint that names the method, or else of the first that takes any. */
function pathsOf(endpoints: readonly DescribedPath[], schemes: readonly string[]): Record<string, Record<string, Operation>> {
  const paths: Record<string, Record<string, Operation>> = {};
  const takesAny = ({ methods }: DescribedPath): boolean => methods.includes("ANY");
  for (const endpoint of [...endpoints.filter((each) => !takesAny(each)), ...endpoints.filter(takesAny)]) {
    const operations = operationsOf(endpoint, schemes);
    const path = endpoint.path.replace(/\*$/, "{rest}").replaceAll("+}", "}");
    if (Object.keys(operations).length > 0) paths[path] = { ...operations, ...paths[path] };
  }
  return paths;
}
