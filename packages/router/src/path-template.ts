/** What a parameter of a path can be: no percent-encoding and no path of its own, so that no service reads it in another way. */
const parameterValue = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/;

/** The values of a template's parameters by name. */
export type PathParameters = Readonly<Record<string, string>>;

/** A path with parameters, such as `/v1/notes/{id}`. */
export interface PathTemplate {
  /** The parameters of a path that fits; `undefined` when it does not. */
  match(path: string): PathParameters | undefined;
}

export function pathTemplate(template: string): PathTemplate {
  const segments = template.split("/").map((text) => ({ text, name: text.startsWith("{") ? text.slice(1, -1) : undefined }));

  return {
    match(path) {
      const given = path.split("/", segments.length + 1);
      if (given.length !== segments.length) return undefined;
      const parameters = Object.create(null) as Record<string, string>;
      for (const [position, { text, name }] of segments.entries()) {
        const value = given[position] ?? "";
        const fits = name === undefined ? text === value : parameterValue.test(value);
        if (!fits) return undefined;
        if (name !== undefined) parameters[name] = value;
      }
      return parameters;
    },
  };
}

/** Puts the parameters into a template. */
export function fillTemplate(template: string, parameters: PathParameters): string {
  return template.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => parameters[name] ?? "");
}

/** Names of the parameters of a template. */
export function templateParameters(template: string): string[] {
  return Array.from(template.matchAll(/\{(\w+)\}/g), ([, name = ""]) => name);
}

/** The same for all templates that match the same paths. */
export function templateShape(template: string): string {
  return template.replaceAll(/\{\w+\}/g, "{}");
}

/** A name for what belongs to one route, such as `v1.notes.id` for `/v1/notes/{id}`. */
export function templateName(template: string): string {
  return template
    .slice(1)
    .replaceAll(/[{}]/g, "")
    .replaceAll(/[^\w.-]/g, ".");
}
