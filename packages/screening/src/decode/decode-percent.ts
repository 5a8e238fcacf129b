import { hexAt } from "./hex.ts";

/** A character that an escape sequence stands for. */
export interface Escape {
  code: number;
  length: number;
}

const replacement = 0xfffd;

/**
 * Reads the percent escape at a position tolerantly: `%u2215` of old servers and overlong UTF-8 such as `%c0%ae` are read as the
 * vulnerable decoders read them.
 *
 * @returns whether there was one; it is put into `escape`
 */
export function readPercent(text: string, at: number, escape: Escape): boolean {
  if ((text.charCodeAt(at + 1) | 0x20) === 0x75) {
    escape.code = hexAt(text, at + 2, 4);
    escape.length = 6;
    return escape.code !== -1;
  }
  const lead = hexAt(text, at + 1, 2);
  if (lead === -1) return false;
  readSequence(text, at, lead, escape);
  return true;
}

function readSequence(text: string, at: number, lead: number, escape: Escape): void {
  const more = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf8 ? 3 : lead < 0xfc ? 4 : 5;
  let code = more === 0 ? lead : lead & (0x3f >> more);
  for (let index = 1; index <= more; index += 1) {
    const byte = text.charCodeAt(at + index * 3) === 0x25 ? hexAt(text, at + index * 3 + 1, 2) : -1;
    if (byte === -1) {
      escape.code = lead;
      escape.length = 3;
      return;
    }
    code = (code << 6) | (byte & 0x3f);
  }
  // Servers that keep the low byte of a character make line breaks of these two.
  if (code === 0x560a || code === 0x560d) code &= 0xff;
  escape.code = code < 0 || code > 0x10_ffff ? replacement : code;
  escape.length = 3 * (more + 1);
}
