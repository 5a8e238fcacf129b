/**
 * The position of the value of the next member with this name that is not `null`, anywhere in a JSON text; `undefined` if there is none.
 * A name inside a string is never mistaken for a member, since its quotes are escaped there.
 */
export function valueOf(data: string, name: string, from = 0): number | undefined {
  const quoted = `"${name}"`;
  for (let found = data.indexOf(quoted, from); found !== -1; found = data.indexOf(quoted, found + 1)) {
    let at = skipSpace(data, found + quoted.length);
    if (data[at] !== ":") continue;
    at = skipSpace(data, at + 1);
    if (data[at] !== "n") return at;
  }
  return undefined;
}

function skipSpace(data: string, from: number): number {
  let at = from;
  while (data[at] === " " || data[at] === "\n") at += 1;
  return at;
}
