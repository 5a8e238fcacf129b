import { pieces } from "../test/adversarial.ts";

/**
 * Units that take the most time for each byte when they are repeated, as a search over alternations of what the detectors look
 * at has found them: signs that several detectors share, and a wide or escaped character, which makes all of it be read twice.
 */
const searched: readonly string[] = [
  " onaa=\u200b=:,==:\\ \u24d0 =",
  ",==:\\! \u24d0 =",
  "?xls  onaa= ona=\u200b",
  " ona1==\u200b=: onO:1=\u200b",
  "==:\\\u24d0a =",
  "select (\\\uff07:.xhttp:// =_",
  "\\\tuhtp://~no ?x\u24d0} xona=",
  ")1=  onaaa= union \u200bor 1",
  "1=  onaaa = uni? ;an \u200b",
  "exec'||<?${a<ab='';\uff07",
  "';' or 0\uff07<?${%<a${b=e'",
  "$n$n''$n\uff1c",
  "\uff07|ca.( onaaa=",
  "<a b='%3c&lt;\\x3c",
  "%2525&amp;amp;\\\\u0041",
];

/** Everything that is repeated to see what the screening costs at its worst. */
export const worstUnits: readonly string[] = [...pieces, ...searched];
