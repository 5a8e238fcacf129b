import type { Signature } from "./triggers.ts";

const escapedDot = "(?:%(?:25)?2e|%c0%[a2]e|%u?(?:ff0e|002e)|0x2e|\\.)";
const escapedSlash = "(?:%(?:25)*(?:2f|5c)|%c[01]%|%u(?:2215|2216|002f|005c)|0x2f|0x5c)";

/** Steps to the parent folder whose dots or slash are escaped, which no author of a path writes, and files worth stealing (CWE-22). */
export const pathSignatures: readonly Signature[] = [
  [
    "traversal/encoded-step",
    8,
    "%0 %A %% .. .% .0 ?. 0x",
    new RegExp(
      `${escapedDot}{2}${escapedSlash}|(?:%(?:25)*2e){2}|%%32|%(?:25)*c[01]%(?:25)*(?:ae|af|9c|2e|2f|5c)|(?:0x2e){2}|\\.\\.(?:2f|5c|%[0-9a-f]{2})|\\?\\.(?:%5c|\\/)|%e0%80%a[ef]|%uff0e|%f[08c]%80%80|\\.\\.%u[0-9a-f]{4}|%c[01][.%][%0-9a-z]{0,2}\\w?%?c?[01]?%?\\w{0,2}(?:etc|windows|%c[01])|\\.{5}\\/\\/|\\.\\.\\.\\\\\\.\\.\\.`,
      "i",
    ),
  ],
  ["traversal/encoded-step", 8, ".;", /(?<=\.)\.;[/\\]/],
  ["traversal/encoded-step", 8, "\\.", /(?:\\\.\\\.\\\/){3}/],
  ["traversal/step-up", 8, "./", /(?<=\.{5})\.\/(?:etc\/|boot\.ini|win(?:dows|nt)\/)/i],
  ["traversal/step-up", 8, ".\\", /(?<=\.{2,3})\.\\\/\.{3}/],
  ["traversal/idle-steps", 8, "/. \\.", /(?:[/\\]\.){3}[/\\]\./],
  ["traversal/sensitive-file", 5, "passwd shadow", /(?<=(?:^|[/\\=:"'\s])etc[/\\](?:master\.)?)(?:passwd|shadow)/i],
  ["traversal/sensitive-file", 7, "passwd shadow", /(?<=file:\/\/[/\\]{0,3}etc[/\\](?:master\.)?)(?:passwd|shadow)/i],
  ["traversal/sensitive-file", 5, "ini", /(?<=(?:^|[/\\=:"'\s])(?:c:[/\\]?)?(?:boot|win)\.)ini/i],
  ["traversal/sensitive-file", 5, "system win", /(?<=(?:^|[/\\=:"'\s])windows[/\\])(?:system32|win\.ini)/i],
  ["traversal/sensitive-file", 5, "self!", /(?<=(?:^|[/\\=:"'\s])proc[/\\])self[/\\]/i],
  ["traversal/step-up", 7, "..", /(?<=^(?:[a-z]:)?(?:[\\/][\w.-]{1,24}){1,4}[\\/])\.\.[\\/]\.\.[\\/][\w.\\/-]{1,60}$/i],
  ["traversal/cut-by-nul", 8, "%0 \0", /(?<=\.\w{2,5}|etc[/\\]\w{1,24}|\.\.)(?:%00|\0)/i],
];
