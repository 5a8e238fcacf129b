import { normalisedName } from "../fields/field-rules.ts";
import type { Target } from "../targets/target.ts";
import type { RequestContext } from "./request-context.ts";

/** The request as this target gets it. @throws what the option `headers` of the target throws */
export function forTarget({ headers }: Target, request: RequestContext): RequestContext {
  if (headers === undefined) return request;
  const own = Object.entries(headers(request.req));
  return { ...request, outgoing: { ...request.outgoing, headers: replaced(request.outgoing.headers, own) } };
}

/** The list of names and values with these instead of those that a service could mistake for them. */
function replaced(fields: readonly string[], own: readonly (readonly [name: string, value: string | undefined])[]): string[] {
  const names = new Set(own.map(([name]) => normalisedName(name)));
  const result: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? "";
    if (!names.has(normalisedName(name))) result.push(name, fields[index + 1] ?? "");
  }
  for (const [name, value] of own) if (value !== undefined) result.push(name, value);
  return result;
}
