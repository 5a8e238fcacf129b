import type { IncomingMessage } from "node:http";

import { HeldBody, noBody } from "../body/body-source.ts";
import type { BodySource } from "../body/body-types.ts";
import { normalisedName } from "../fields/field-rules.ts";
import { packageName } from "../options/package-name.ts";
import type { TargetOptions } from "../options/target-options.ts";
import type { Target } from "../targets/target.ts";
import type { RequestContext } from "./request-context.ts";

/** The request as this target gets it. @throws what the options `headers` and `body` of the target throw, and for a body that is a stream */
export function forTarget({ headers, body: bodyOf }: Target, request: RequestContext): RequestContext {
  if (headers === undefined && bodyOf === undefined) return request;
  const { req, outgoing } = request;
  const fields = headers === undefined ? outgoing.headers : replaced(outgoing.headers, Object.entries(headers(req) ?? {}));
  const body = bodyOf === undefined ? outgoing.body : changed(bodyOf, req, outgoing.body);
  return { ...request, outgoing: { ...outgoing, headers: fields, body } };
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

/** The headers about the body stay: they name its type, and no length. */
function changed(bodyOf: NonNullable<TargetOptions["body"]>, req: IncomingMessage, body: BodySource): BodySource {
  if (body === noBody) return body;
  if (body instanceof HeldBody) return new HeldBody(bodyOf(req, body.open()), undefined);
  throw new Error(
    `${packageName}: the option \`body\` of a target changes bodies that an earlier handler has read, and this one is still a stream; ` +
      "mount a parser such as express.raw() before the proxy",
  );
}
