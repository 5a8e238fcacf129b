import { configurationNames, innerExtension } from "./active-extensions.ts";
import { typeOfName } from "./extensions.ts";
import { visibleText } from "./file-name.ts";

const scriptType = "application/x-httpd-php";
const mostDecodings = 4;

/** What a name says about its file. */
export type NameVerdict = { readonly type: string | undefined } | { readonly fault: string };

/**
 * Reads a file name as the servers and file systems do that might store it: percent-decoded, without the dots, spaces and stream name
 * (`::$DATA`) at its end that Windows drops.
 *
 * @param given the name as the client sent it
 */
export function judgeName(given: string): NameVerdict {
  const decoded = decode(given);
  if (/%00/.test(given) || decoded.includes("\0")) return { fault: "A file name has a NUL character." };
  const visible = visibleText(decoded).toLowerCase();
  const component = visible.slice(Math.max(visible.lastIndexOf("/"), visible.lastIndexOf("\\")) + 1);
  const [bare = ""] = component.split("::", 1);
  const name = bare.replace(trailing, "");
  if (configurationNames.has(name)) return { type: scriptType };
  const [, ...extensions] = name.split(/[.;:]/).map((part) => part.trim());
  if (extensions.slice(0, -1).some((extension) => innerExtension.test(extension))) return { type: scriptType };
  return { type: typeOfName(`.${extensions.at(-1) ?? ""}`) };
}

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
