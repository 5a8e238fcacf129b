const urls =
  "href src action formaction data xlink:href poster background code codebase classid content to from values by srcset cite longdesc profile usemap manifest folder ping url value path seeksegmenttime begin handler";
const urlsOfOldBrowsers = "dynsrc lowsrc";
const others =
  "style type rel srcdoc http-equiv xmlns autofocus allowscriptaccess scriptlet datafld datasrc dataformatas implementation attributename";

/** Attributes that only their URL matters of. */
export const urlAttributes = new Set(urls.split(" "));

/** The names of attributes that any rule looks at, beside handlers, namespaces and those of scripts. */
export const judgedAttributes = new Set(`${urls} ${urlsOfOldBrowsers} ${others}`.split(" "));

/** The lengths that these names have, as bits, by the lower five bits of their first and last letters. */
const lengths = new Int32Array(32 * 32);
for (const name of judgedAttributes) {
  const ends = endsOf(name.charCodeAt(0), name.charCodeAt(name.length - 1));
  lengths[ends] = (lengths[ends] ?? 0) | (1 << name.length);
}
/** Handlers and namespaces may have any end. */
for (const first of "ox") lengths.fill(-1, endsOf(first.charCodeAt(0), 0), endsOf(first.charCodeAt(0), 31) + 1);

function endsOf(first: number, last: number): number {
  return ((first & 31) << 5) | (last & 31);
}

/** Whether the attribute between two positions may be one that a rule looks at; most have other letters or another length. */
export function mayBeJudged(units: Uint16Array, start: number, end: number): boolean {
  const ends = endsOf(units[start + 1] ?? 0, units[end] ?? 0);
  return ((lengths[ends] ?? 0) & (1 << (end - start))) !== 0 || hasNoise(units, start, end);
}

/** Characters that may be taken out of the name, or have a small letter of ASCII. */
function hasNoise(units: Uint16Array, start: number, end: number): boolean {
  for (let at = start + 1; at <= end; at += 1) if ((units[at] ?? 0) >= 0x7f) return true;
  return false;
}
