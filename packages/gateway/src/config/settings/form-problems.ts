import { nearest } from "@aivillage/middleware";
import type { ErrorObject } from "ajv";

import { foreignName } from "./foreign-names.ts";
import { expectedOf, type FormSchema } from "./form-schema.ts";

/** How a list is validated: the errors of its JSON Schema, and what they are about. */
export interface InvalidForm {
  readonly value: unknown;
  readonly errors: readonly ErrorObject[];
  /** The key that names an entry, such as `path` for routes. */
  readonly label: string;
}

/**
 * The errors of a JSON Schema in words: one line for each problem, such as "[0] /a `methods[1]` must be one of GET, POST".
 *
 * A line holds names of keys and what is expected, never a value, which may be a secret.
 */
export function formProblems({ value, errors, label }: InvalidForm): string[] {
  const lines = byEntry(errors).flatMap((group) => {
    const relevant = withoutAlternatives(group);
    const guesses = relevant.flatMap((error) => guessOf(error) ?? []);
    const isGuessed = ({ instancePath, params }: ErrorObject): boolean =>
      guesses.includes(`${instancePath}/${(params as { missingProperty?: string }).missingProperty}`);
    return relevant.filter((error) => !isGuessed(error)).map((error) => describe(error, value, label));
  });
  return [...new Set(lines)];
}

/** The errors of each entry of the list: comparing all errors of a long list with one another would take minutes. */
function byEntry(errors: readonly ErrorObject[]): ErrorObject[][] {
  const groups = new Map<string, ErrorObject[]>();
  for (const error of errors) {
    const [, index = ""] = error.instancePath.split("/", 2);
    const group = groups.get(index);
    if (group === undefined) groups.set(index, [error]);
    else group.push(error);
  }
  return [...groups.values()];
}

/** Without the errors of alternatives that the value was not meant as. */
function withoutAlternatives(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const unions = errors.filter(({ keyword }) => keyword === "anyOf");
  return errors.filter((error) => !error.schemaPath.includes("/propertyNames/") && unions.every((union) => isRelevant(error, union)));
}

/** A list or an object has the errors of the one alternative of its type. For anything else, the whole says what is expected. */
function isRelevant(error: ErrorObject, union: ErrorObject): boolean {
  const branch = branchOf(union);
  if (error === union) return branch === undefined;
  const isInside = `${error.instancePath}/`.startsWith(`${union.instancePath}/`) && error.schemaPath.startsWith(`${union.schemaPath}/`);
  return !isInside || (branch !== undefined && error.schemaPath.startsWith(`${union.schemaPath}/${branch}/`));
}

function branchOf({ data, schema }: ErrorObject): number | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const type = Array.isArray(data) ? "array" : "object";
  const [branch, other] = (schema as FormSchema[]).flatMap((each, index) => (each.type === type ? [index] : []));
  return other === undefined ? branch : undefined;
}

/** The key that an unknown one was probably meant as, with its location. */
function guessOf({ instancePath, params, parentSchema = {} }: ErrorObject): string | undefined {
  const { additionalProperty } = params as { additionalProperty?: string };
  if (additionalProperty === undefined) return undefined;
  const known = Object.keys((parentSchema as FormSchema).properties ?? {});
  const meant = foreignName(additionalProperty, known) ?? nearest(additionalProperty, known);
  return meant === undefined ? undefined : `${instancePath}/${meant}`;
}

function describe(error: ErrorObject, value: unknown, label: string): string {
  const { instancePath, keyword, params } = error;
  const schema = (error.parentSchema ?? {}) as FormSchema;
  const { additionalProperty, missingProperty = "", propertyName } = params as Readonly<Record<string, string | undefined>>;
  const location = locate(instancePath, value, label);
  if (additionalProperty !== undefined) {
    const guess = guessOf(error);
    const remedy = guess === undefined ? `remove it${otherKeys(schema)}` : `did you mean \`${keyOf(guess)}\`?`;
    return `${locate(`${instancePath}/${additionalProperty}`, value, label)} is unknown: ${remedy}`;
  }
  if (keyword === "required") return `${location} needs \`${missingProperty}\`, ${expectedOf(schema.properties?.[missingProperty] ?? {})}`;
  if (keyword === "propertyNames")
    return `${location} has ${JSON.stringify(propertyName)}, which is not a header name: write one such as X-Tenant-Id`;
  if (keyword === "uniqueItems") return `${location} lists a value twice: keep one of them`;
  return `${location} must be ${expectedOf(schema)}${suggestionFor(error, schema)}`;
}

/** The value that was probably meant, if only some are allowed; it shows nothing of the given one. */
function suggestionFor({ data }: ErrorObject, { enum: values = [], anyOf = [] }: FormSchema): string {
  if (typeof data !== "string" || data === "") return "";
  const allowed = [values, ...anyOf.map((each) => each.enum ?? [])].flat().filter((value) => typeof value === "string");
  const [only, another] = allowed.filter((value) => value.startsWith(data));
  const meant = nearest(data, allowed) ?? (another === undefined ? only : undefined);
  return meant === undefined ? "" : ` (did you mean ${meant}?)`;
}

function otherKeys({ properties = {} }: FormSchema): string {
  const known = Object.keys(properties);
  return known.length > 10 ? "" : `, or use one of ${known.join(", ")}`;
}

/** Such as "[0] /a `cors.origins[1]`". */
function locate(instancePath: string, value: unknown, label: string): string {
  const [, index] = instancePath.split("/");
  if (index === undefined) return "";
  const name = (value as readonly (Readonly<Record<string, unknown>> | null)[])[Number(index)]?.[label];
  const shown = typeof name === "string" && /^[!-~]{1,100}$/.test(name) ? ` ${name}` : "";
  const key = keyOf(instancePath);
  return `[${index}]${shown}${key === "" ? "" : ` \`${key}\``}`;
}

/** The part of a JSON pointer within an entry, such as "limits[0].requests". */
function keyOf(pointer: string): string {
  return pointer
    .split("/")
    .slice(2)
    .map((name) => (/^\d+$/.test(name) ? `[${name}]` : `.${name.replaceAll("~1", "/").replaceAll("~0", "~")}`))
    .join("")
    .replace(/^\./, "");
}
