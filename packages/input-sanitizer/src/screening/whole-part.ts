import { type Hit, Hits } from "./finding.ts";
import { startsPart } from "./parts.ts";

const maxPart = 200;

/** The last part of a text: behind its last sentence, or all of it; `undefined` when that is long. */
function lastPart(text: string): { readonly start: number; readonly part: string } | undefined {
  const end = text.trimEnd().length;
  for (let at = Math.max(0, end - maxPart); at < end; at += 1) {
    if (text.charCodeAt(at) > 0x20 && startsPart(text, at)) return { start: at, part: text.slice(at, end) };
  }
  return undefined;
}

/** Makes a recogniser for texts that are, or end in, nothing but one of the forms: what stands in no sentence is no example. */
export function partRecogniser(rule: string, forms: readonly RegExp[]): (text: string) => Hit[] {
  return (text) => {
    const hits = new Hits();
    const found = lastPart(text);
    if (found !== undefined && forms.some((form) => form.test(found.part))) {
      hits.add(rule, 7, found.start, found.start + found.part.length);
    }
    return hits.list();
  };
}
