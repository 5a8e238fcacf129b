import { codingExtensions, configurationNames, innerExtension, pageTypes } from "./active-extensions.ts";
import { typeOfName } from "./extensions.ts";

const scriptType = "application/x-httpd-php";
const mostDecodings = 4;

/** What a name says about its file. */
export type NameVerdict = { readonly type: string | undefined } | { readonly problem: string };

/**
 * Reads a file name as the servers and file systems do that might store it: percent-decoded, without the dots, spaces and stream name
 * (`::$DATA`) at its end that Windows drops.
 *
 * @param given the name as the client sent it
 */
export function judgeName(given: string): NameVerdict {
  const decoded = decode(normalisedName(given));
  if (/%00|\0/.test(given) || decoded.includes("\0")) return { problem: "A file name has a NUL character." };
  const visible = normalisedName(decoded).toLowerCase();
  const component = visible.slice(Math.max(visible.lastIndexOf("/"), visible.lastIndexOf("\\")) + 1);
  const [bare = ""] = component.split("::", 1);
  const name = bare.replace(trailing, "");
  if (configurationNames.has(name)) return { type: scriptType };
  const [, ...extensions] = name.split(/[.;:]/).map((part) => part.trim());
  if (extensions.slice(0, -1).some((extension) => innerExtension.test(extension))) return { type: scriptType };
  return { type: servedType(extensions) };
}

/**
 * The type that a server gives it: Apache passes over extensions that name a language or a coding, so that `a.html.de` is a page. Words that
 * names really hold, such as `Acme.Inc`, claim nothing there.
 */
function servedType(extensions: readonly string[]): string | undefined {
  const last = extensions.at(-1) ?? "";
  const type = typeOfName(`.${last}`);
  if (type !== undefined && !codingExtensions.has(last)) return type;
  const before = extensions
    .slice(0, -1)
    .findLast((extension) => !codingExtensions.has(extension) && typeOfName(`.${extension}`) !== undefined);
  const inner = before === undefined ? undefined : typeOfName(`.${before}`);
  return inner !== undefined && pageTypes.has(inner) ? inner : type;
}

/** A name without what cannot be seen, and with full-width letters, dots and the like as the plain ones that a file system makes of them. */
function normalisedName(name: string): string {
  return name.replace(unseen, "").normalize("NFKC").replaceAll("\u3002", ".");
}

/** Control characters, lone surrogates, separators of lines, and what no font draws, such as the soft hyphen. */
const unseen = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/gu;

/** Dots and white space; a name is short enough for the little that this may look back. */
const trailing = /(?<![.\s])[.\s]+$/;

/** Undoes percent-encoding, also of itself. Only ASCII matters to an extension, so bytes beyond it stay encoded. */
function decode(name: string): string {
  let decoded = name;
  for (let turn = 0; turn < mostDecodings && decoded.includes("%"); turn += 1) {
    decoded = decoded.replaceAll(/%([0-7][0-9a-f])/gi, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  }
  return decoded;
}
