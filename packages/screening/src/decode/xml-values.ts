const maxValues = 64;

/**
 * Attribute values and texts of an XML document inside a text, because each is a separate field to readers of the document.
 *
 * Nothing without an XML declaration counts, so that pages and snippets stay what they are. Linear; at most 64 values.
 */
export function xmlValues(text: string): string[] {
  const start = text.indexOf("<?xml");
  if (start === -1) return [];
  const declared = text.indexOf("?>", start);
  return declared === -1 ? [] : [...collectValues(text, declared + 2)].slice(0, maxValues);
}

function collectValues(text: string, from: number): Set<string> {
  const values = new Set<string>();
  let at = from;
  while (at < text.length && values.size < maxValues) {
    const open = text.indexOf("<", at);
    addValue(values, text.slice(at, open === -1 ? text.length : open));
    if (open === -1) break;
    at = collectAttributes(text, open + 1, values);
  }
  return values;
}

/** Reads to the `>` of a tag and returns the position after it. */
function collectAttributes(text: string, from: number, values: Set<string>): number {
  let at = from;
  while (at < text.length && text.charAt(at) !== ">") {
    const character = text.charAt(at);
    const close = character === '"' || character === "'" ? text.indexOf(character, at + 1) : at;
    if (close === -1) return text.length;
    if (close > at) addValue(values, text.slice(at + 1, close));
    at = close + 1;
  }
  return at + 1;
}

function addValue(values: Set<string>, value: string): void {
  if (value.trim().length > 1) values.add(value);
}
