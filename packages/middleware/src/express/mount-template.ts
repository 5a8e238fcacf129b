/** What Express keeps in `req.params`: texts, and in Express 5 lists of path segments for wildcards. */
export type ExpressParams = Readonly<Record<string, unknown>>;

/**
 * The template of a mount path, from the part of the URL that it matched and the parameters that were read from it.
 *
 * Express does not keep the template. The values of its parameters are put back as `:name`, and the rest is lower case, since Express matches
 * paths in any case: what a client can vary must not name a route.
 */
export function mountTemplate(matched: string, params: ExpressParams = {}): string {
  let template = decoded(matched).toLowerCase();
  // A value is most likely to be the last text that equals it. Parameters of parents, merged into those of the mount path, come first.
  for (const [name, value] of Object.entries(params).toReversed()) {
    const text = textOf(value).toLowerCase();
    if (text !== "") template = replaceLast(template, text, `:${name}`);
  }
  return template;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join("/");
  return typeof value === "string" ? value : "";
}

/** Replaces whole segments if there are any, else a part of one, as in `/v:version`. */
function replaceLast(path: string, text: string, by: string): string {
  const whole = `${path}/`.lastIndexOf(`/${text}/`);
  const start = whole === -1 ? path.lastIndexOf(text) : whole + 1;
  return start === -1 ? path : path.slice(0, start) + by + path.slice(start + text.length);
}
