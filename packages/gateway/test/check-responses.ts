import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

interface Media {
  readonly schema?: { readonly $ref?: string };
}
interface Described {
  /** Of a response that operations share. */
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, Media>>;
}
interface Operation {
  readonly responses: Readonly<Record<string, Described>>;
}
interface Api {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly responses: Readonly<Record<string, Described>> };
}

/** Checks answers against an OpenAPI document, as `fetch()` gets them. */
export interface ResponseCheck {
  /** What was wrong with the answers so far, once all that were fetched have been read. */
  mismatches(): Promise<string[]>;
  /** The bodies that were sent. */
  readonly sent: readonly unknown[];
  /** The problem documents that came back. */
  readonly problems: readonly string[];
  close(): void;
}

/** Checks every answer that comes from an origin while it lasts: `fetch()` is wrapped. */
export function checkResponses(origin: string, document: object): ResponseCheck {
  const api = document as Api;
  const validator = validatorOf(document);
  const plainFetch = globalThis.fetch;
  const checks: Promise<string[]>[] = [];
  const sent: unknown[] = [];
  const problems: string[] = [];

  async function check(method: string, response: Response): Promise<string[]> {
    const path = new URL(response.url).pathname;
    const what = `${method} ${path} ${response.status}`;
    const content = contentOf(api, path, method.toLowerCase(), response.status);
    if (content === undefined) return [`${what}: no such answer is described`];
    const body = await response.text().catch(() => undefined);
    if (body === undefined || body === "") return [];
    const type = (response.headers.get("content-type") ?? "").split(";")[0] ?? "";
    if (type === "application/problem+json") problems.push(body);
    const media = content[type] ?? content["*/*"];
    if (media === undefined) return [`${what}: ${type} is not described`];
    if (media.schema?.$ref === undefined || !type.endsWith("json")) return [];
    const validate = validator(media.schema.$ref);
    return validate(JSON.parse(body)) ? [] : [`${what}: ${ajvText(validate.errors)} in ${body.slice(0, 300)}`];
  }

  async function checkedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const response = await plainFetch(input, init);
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
    const method = init?.method ?? "GET";
    if (response.url.startsWith(`${origin}/`)) sent.push(init?.body);
    if (response.url.startsWith(`${origin}/`) && !isStream && method !== "OPTIONS" && !response.redirected) {
      checks.push(check(method, response.clone()));
    }
    return response;
  }

  globalThis.fetch = checkedFetch;
  return {
    sent,
    problems,
    mismatches: async () => (await Promise.all(checks)).flat(),
    close: () => {
      if (globalThis.fetch === checkedFetch) globalThis.fetch = plainFetch;
    },
  };
}

/** Compiles what a response refers to, once per process and document: most gateways of a file describe the same. */
function validatorOf(document: object): (reference: string) => ValidateFunction {
  const text = JSON.stringify(document);
  return (reference) => {
    const known = validators.get(text + reference);
    if (known !== undefined) return known;
    // A test of its own checks the document.
    const ajv = new Ajv2020({ meta: false, validateSchema: false, strict: false, allErrors: true, formats });
    const made = ajv.addSchema({ ...document, $id: "api" }).compile({ $ref: `api${reference}` });
    validators.set(text + reference, made);
    return made;
  };
}

const validators = new Map<string, ValidateFunction>();
const formats = { "uri-reference": true, "date-time": true } as const;
const ajvText = (errors: ValidateFunction["errors"]): string => new Ajv2020({ meta: false }).errorsText(errors);

const anything = { "*/*": {} };
const problemOnly = { "application/problem+json": { schema: { $ref: "#/components/schemas/problem" } } };

/** The media types that an answer may have; `undefined` when it is not described at all. */
function contentOf({ paths, components }: Api, path: string, method: string, status: number): Readonly<Record<string, Media>> | undefined {
  const methods = paths[path] ?? Object.entries(paths).find(([template]) => toPattern(template).test(path))?.[1];
  // Pages of the description itself, and routes of one's own, are not described.
  if (methods === undefined) return status < 400 ? anything : problemOnly;
  const operation = methods[method] ?? (method === "head" ? methods["get"] : undefined);
  if (operation === undefined) return status === 405 || status === 400 ? problemOnly : undefined;
  const described = operation.responses[status] ?? operation.responses["default"];
  const response = described?.$ref === undefined ? described : components.responses[described.$ref.split("/").at(-1) ?? ""];
  if (response === undefined) return undefined;
  // A service may answer with any status, and its answer passes as it is.
  return { ...operation.responses["default"]?.content, ...response.content };
}

/** A parameter at the end may stand for several segments, which OpenAPI cannot say. */
function toPattern(template: string): RegExp {
  const escaped = template.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&");
  return new RegExp(
    `^${escaped
      .replace(/\{rest\}$/, ".*")
      .replace(/\{path\}$/, ".+")
      .replaceAll(/\{\w+\}/g, "[^/]+")}$`,
  );
}
