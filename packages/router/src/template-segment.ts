/** A text between two slashes, a parameter for any one segment, or the rest of the path. */
export type TemplateSegment =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "parameter"; readonly name: string }
  /** `{name+}`, or `*`, which also accepts an empty rest. */
  | { readonly kind: "rest"; readonly name: string; readonly mayBeEmpty: boolean };

const parameterSegment = /^\{([A-Za-z_]\w*)(\+?)\}$/;
/** Everything that a segment of a request target can be (RFC 3986, 3.3): what a client sends otherwise could never match. */
const literalSegment = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[\dA-F]{2})+$/;
/** Escapes of letters, digits and `-._~`: they mean the same as the characters (RFC 3986, 2.3). */
const needlessEscape = /%(?:2[de]|3\d|[46][1-9a-f]|5[\daf]|7[\dae])/i;

export function parameterName(segment: TemplateSegment): string | undefined {
  return segment.kind === "text" ? undefined : segment.name;
}

/** Reads the segments, or says what is wrong with one of them. */
export function parseTemplate(template: string): readonly TemplateSegment[] | string {
  const texts = template.slice(1).split("/");
  const problems = texts.map((text, index) => segmentError(text, index === texts.length - 1));
  return problems.find((problem) => problem !== undefined) ?? texts.map(readSegment);
}

function readSegment(text: string): TemplateSegment {
  if (text === "*") return { kind: "rest", name: "*", mayBeEmpty: true };
  const [, name, plus] = parameterSegment.exec(text) ?? [];
  if (name === undefined) return { kind: "text", text };
  return plus === "+" ? { kind: "rest", name, mayBeEmpty: false } : { kind: "parameter", name };
}

function segmentError(text: string, isLast: boolean): string | undefined {
  if (text === "." || text === "..") return "a path without the segments `.` and `..`, which clients resolve";
  if (text === "") return isLast ? undefined : "a path without empty segments, except at its end";
  const [, , plus] = parameterSegment.exec(text) ?? [];
  if (plus === "+" || text === "*") {
    return isLast ? undefined : `a path that ends with ${text}: use {name} for one segment, as in /files/{name}/parts`;
  }
  if (plus === "") return undefined;
  return literalError(text);
}

function literalError(text: string): string | undefined {
  const [, express] = /^:([A-Za-z_]\w*)$/.exec(text) ?? [];
  if (express !== undefined) return `a path with parameters in braces: write {${express}} instead of :${express}`;
  if (/^\*+\w*$|^\*\*/.test(text)) return "a path with `*` alone as its last segment, as in /files/*, or with {name+} for a named rest";
  if (/[{}]/.test(text))
    return "a path with parameters that are whole segments such as {id}, and {path+} for the rest, as in /notes/{id} or /files/{path+}";
  if (!literalSegment.test(text))
    return "a path of percent-encoded segments in capitals, such as /caf%C3%A9, and whole segments such as {id}";
  return needlessEscape.test(text)
    ? "a path without escapes of letters, digits and `-._~`: write the character itself, such as a for %61"
    : undefined;
}
