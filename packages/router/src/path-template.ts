/** What stands between two slashes of a template: a text, or a parameter for any one segment. */
export type TemplateSegment =
  | { readonly text: string; readonly parameter?: undefined }
  | { readonly text?: undefined; readonly parameter: string };

const parameterSegment = /^\{([A-Za-z_]\w*)\}$/;
/** Everything that a segment of a request target can be (RFC 3986, 3.3): what a client sends otherwise could never match. */
const literalSegment = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[\dA-Fa-f]{2})+$/;

/** The values of a template's parameters by name. */
export type PathParameters = Readonly<Record<string, string>>;

/**
 * Reads a path template.
 *
 * @returns its segments, or what is wrong with it, as a text that completes "must be …"
 */
export function readTemplate(template: string): readonly TemplateSegment[] | string {
  if (!template.startsWith("/")) return "a path that begins with a slash";
  const texts = template.slice(1).split("/");
  const segments = texts.map((text): TemplateSegment => {
    const parameter = parameterSegment.exec(text)?.[1];
    return parameter === undefined ? { text } : { parameter };
  });
  const names = segments.flatMap(({ parameter }) => parameter ?? []);
  if (texts.includes(".") || texts.includes("..")) return "a path without the segments `.` and `..`, which clients resolve";
  if (texts.slice(0, -1).includes("")) return "a path without empty segments, except at its end";
  if (segments.some((segment) => segment.parameter === undefined && segment.text !== "" && !literalSegment.test(segment.text))) {
    return "a path of percent-encoded segments and whole segments such as {id}";
  }
  return new Set(names).size === names.length ? segments : "a path that names each parameter once";
}

/** Puts values into a template: `fillTemplate("/notes/{id}", { id: "7" })` is `/notes/7`. A missing value is empty. */
export function fillTemplate(template: string, parameters: PathParameters): string {
  return template.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => parameters[name] ?? "");
}

/** Lists the names of a template's parameters in order. */
export function templateParameters(template: string): string[] {
  return Array.from(template.matchAll(/\{(\w+)\}/g), ([, name = ""]) => name);
}

/** Returns the same text for all templates that match the same paths: `/notes/{}` for `/notes/{id}`. */
export function templateShape(template: string): string {
  return template.replaceAll(/\{\w+\}/g, "{}");
}
