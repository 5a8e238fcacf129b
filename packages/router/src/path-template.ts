import { parameterName, parseTemplate, type TemplateSegment } from "./template-segment.ts";

/** The values of a template's parameters by name; that of `*` has the name `*`. */
export type PathParameters = Readonly<Record<string, string>>;

/** A parameter, or the `*` at the end. */
const parameters = /\{([A-Za-z_]\w*)(\+?)\}|(?<=\/)\*$/g;

/** What a segment cannot hold (RFC 3986, 3.3). A `%` that begins an escape is kept, so that a value from a path stays as it was sent. */
const unsafe = /%(?![\dA-Fa-f]{2})|[^\w\-.~!$&'()*+,;=:@%]/gu;

/**
 * Puts values into a template: `fillTemplate("/notes/{id}", { id: "a b" })` is `/notes/a%20b`.
 *
 * Characters that a segment cannot hold are percent-encoded, and so is a slash, except in the value of `{name+}` or `*`. Values of
 * `getPathParameters()` stay as the client sent them. A missing value is empty.
 *
 * @throws TypeError for a value with a segment `.` or `..`, which would lead to another path
 */
export function fillTemplate(template: string, values: PathParameters): string {
  return template.replaceAll(parameters, (whole: string, name: string | undefined, plus: string | undefined) => {
    const value = values[name ?? whole] ?? "";
    const segments = name === undefined || plus === "+" ? value.split("/") : [value];
    return segments.map(encodeSegment).join("/");
  });
}

function encodeSegment(segment: string): string {
  if (/^(?:\.|%2e){1,2}$/i.test(segment))
    throw new TypeError(`@aivillage/router: a value has the segment ${segment}, which leads elsewhere`);
  return segment.toWellFormed().replaceAll(unsafe, (character) => (character === "%" ? "%25" : encodeURIComponent(character)));
}

/** Lists the names of a template's parameters in order; that of a `*` at its end is `*`. */
export function templateParameters(template: string): string[] {
  return Array.from(template.matchAll(parameters), ([whole, name]) => name ?? whole);
}

/** Returns the same text for all templates that match the same paths: `/notes/{}` for `/notes/{id}`. */
export function templateShape(template: string): string {
  return template.replaceAll(parameters, (whole: string, name: string | undefined, plus: string | undefined) =>
    name === undefined || plus === "+" ? "*" : whole.replace(name, ""),
  );
}

/**
 * Says what is wrong with a path template, as a text that completes "must be …", with an example. `undefined` for a valid one.
 */
export function templateError(template: string): string | undefined {
  const segments = readTemplate(template);
  return typeof segments === "string" ? segments : undefined;
}

/**
 * Reads a path template.
 *
 * @returns its segments, or what is wrong with it, as a text that completes "must be …"
 */
export function readTemplate(template: string): readonly TemplateSegment[] | string {
  if (!template.startsWith("/")) return "a path that begins with a slash, such as /notes/{id}";
  const segments = parseTemplate(template);
  if (typeof segments === "string") return segments;
  const names = segments.flatMap((segment) => parameterName(segment) ?? []);
  return new Set(names).size === names.length ? segments : "a path that names each parameter once, such as /notes/{id}/parts/{part}";
}
