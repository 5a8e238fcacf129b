/** The part of the request that a value came in. */
export type InputLocation = "body" | "query" | "params" | "headers";

/** Where an error is: a JSON pointer in the body (RFC 6901, as URI fragment), or the name of a parameter or header. */
export type ValueLocation = { readonly pointer: string } | { readonly parameter: string } | { readonly header: string };

/** Keys and indexes from the root of the document down to a value. */
export type Path = readonly (string | number)[];

const maxPointerLength = 256;
const maxNameLength = 64;

export function locationOf(location: InputLocation, path: Path): ValueLocation {
  if (location === "body") return { pointer: toPointer(path) };
  const top = shorten(String(path[0] ?? ""));
  return location === "headers" ? { header: top } : { parameter: top };
}

/** A pointer that would be longer than 256 characters ends at the last ancestor that fits. */
function toPointer(path: Path): string {
  let pointer = "#";
  for (const segment of path) {
    const escaped = String(segment).slice(0, maxPointerLength).toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1");
    const longer = `${pointer}/${encodeURI(escaped).replaceAll("#", "%23")}`;
    if (longer.length > maxPointerLength) break;
    pointer = longer;
  }
  return pointer;
}

/** The path that an `instancePath` of ajv stands for. */
export function fromInstancePath(instancePath: string): string[] {
  return instancePath
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A name from the client in a form that is safe and short enough to be sent back. */
export function shorten(name: string): string {
  const cut = name.length > maxNameLength ? `${name.slice(0, maxNameLength)}…` : name;
  return JSON.stringify(cut.toWellFormed()).slice(1, -1).replaceAll('\\"', '"');
}
