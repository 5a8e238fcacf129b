import type { Signature } from "./triggers.ts";

/** Functions of PHP that run something. */
export const phpRuns =
  "system|exec|passthru|shell_exec|popen|proc_open|eval|assert|create_function|call_user_func|phpinfo|preg_replace|assert_options";
/** The last words of their names. */
const lastWords = "system exec passthru popen open eval assert function func phpinfo replace options";

/** Tried at the last word of the name. */
const called =
  "(?:system|exec|passthru|popen|eval|assert|phpinfo|(?<=proc_)open|(?<=create_)function|(?<=call_user_)func|(?<=preg_)replace|(?<=assert_)options)";
const hidden = "(?:/\\*[^*]{0,60}\\*/|[#][^\\n]{0,40}\\n|//[^\\n]{0,40}\\n)";

/** PHP that a page would run, and what its streams and serialised objects look like (CWE-94, CWE-98, CWE-502). */
export const phpSignatures: readonly Signature[] = [
  ["code/serialised-php", 8, "o! c!", /(?<=^|\W)[OC]:\d{1,4}:\\?"[\w\\]{1,80}\\?":\d{1,4}:\{/],
  ["code/php-wrapper", 8, "php!", /php:\/\/(?:filter|fd)|(?<!(?:file_get_contents|fopen)\s?\(\s?["'])php:\/\/(?:input|stdin)/i],
  ["code/php-wrapper", 5, "php!", /php:\/\/(?:input|stdin|stdout|stderr|memory|temp|output)/i],
  [
    "code/php-wrapper",
    8,
    "expect! phar! zip! zlib! bzip glob! ogg! rar! ssh",
    /(?<=^|\W)(?:(?:expect|phar|zip|(?<=compress\.)(?:zlib|bzip2)|glob|ogg|rar|ssh2(?:\.\w{1,8})?):\/\/)/i,
  ],
  ["code/php-wrapper", 8, "data!", /data:(?:\/\/text\/|[a-z/]{0,20};base64,(?:PD9|SSB)|text\/plain,\s?<)/i],
  [
    "code/variable-function",
    8,
    lastWords,
    new RegExp(`(?<=[(\\[{]\\s?["']?(?:\\w{1,12}_){0,3})${called}["']?\\s?[)\\]}](?:\\[\\w{1,4}\\])?[)}]{0,2}\\s?\\((?![#./]|http)`, "i"),
  ],
  ["code/variable-function", 8, "(' (\" (S", /\(\s?["']\w{1,12}["']\s?\.\s?["']\w{1,12}["']\s?\)\s?\(/],
  ["code/variable-function", 8, "$A $_", new RegExp(`\\$\\w{1,20}\\s?=\\s?["'](?:${phpRuns})["']\\s?;`, "i")],
  [
    "code/variable-function",
    8,
    "func map filter array walk usort",
    new RegExp(`(?<=_)(?:func|map|filter|array|walk)\\(\\s?["'](?:${phpRuns})["']`, "i"),
  ],
  ["code/variable-function", 8, "${", /\$\{@\w{1,20}\(|\$\{(?:phpinfo|system|exec|passthru|eval)\(/i],
  [
    "code/php-include",
    8,
    "include require once",
    /(?<=^|\W|_)(?:include|require|once)\s?\(?\s?["'](?:(?:https?|ftp|php|data|expect|phar):|\\\\|\/etc\/)/i,
  ],
  [
    "code/php-function",
    7,
    "contents readfile fopen file!",
    /(?<=^|\W|file_(?:get|put)_)(?:contents|readfile|fopen|file)\s?\(\s?["'](?:\/etc\/|php:\/\/f|\.\.\/\.\.\/|expect:|data:)/i,
  ],
  // A formula of LaTeX has the same signs at its end.
  ["code/variable-function", 7, "$$ :$", /(?:\$(?!\$[^$]{1,300}\$\$)|(?<=\w:):)\$\w{1,20}\s?\(/],
  ["code/variable-function", 8, "@$", /@\$\w{1,20}\(["'\w)]/],
  ["code/variable-function", 8, "${", /\$\{@\w{1,20}\}\s?\(/],
  ["code/variable-function", 8, ".(", /(?<=\([a-z]\w{0,11})\.\(\w{1,12}\)\.?\w{0,12}\)\s?\(/i],
  ["code/variable-function", 8, "'. \". 'S \"S", /["']\s?\.\s?["']\w{1,12}["']\s?\(/],
  ["code/variable-function", 8, "}[ {[", /\}\[@?\w{1,8}\]\(|(?<=\)\s?)\{\[\w{1,20}\]\[\d\]\}/],
  ["code/variable-function", 8, "${ ). $S", /\$\{[$_.]\W?[^}{$]{0,40}\}\s?\(\d|(?<=\$\w{1,20}\(\d{1,3})\)\.\$\w{1,20}\(|\$\s\{'/],
  // A function by its place in an array, with signs or a comment that nobody needs before its arguments.
  [
    "code/variable-function",
    8,
    "$A $_",
    /\$\w{1,20}(?!\w)(?=\s{0,8}[[/#])(?=[^()\n]{0,40}(?:\[[@+!-]|\/\*|#\w))\s{0,8}(?:(?:\[[@$'"!+_ -]{0,4}\w{0,12}[@$'"!+_ \]-]{0,4}\]|\/\*[^*\n]{0,30}\*\/|#\w{1,12}\r?\n|\/\/\w{1,12}\r?\n)\s{0,8}){1,6}\(\s{0,4}(?:\d{1,3}|\$\w{1,20}[^()\n]{0,20})?\s{0,4}\)/,
  ],
  ["code/variable-function", 8, "[S [0", new RegExp(`(?<=\\[\\s?["']?${called}["']?\\s?\\]\\s?\\)?\\s?)\\[\\s?\\d\\s?\\]\\s?\\(`, "i")],
  ["code/hidden-call", 8, lastWords, new RegExp(`(?<=(?:^|\\W)(?:\\w{1,12}_){0,3})${called}(?:\\s{0,8}${hidden}\\s{0,8}\\(|\\r\\()`, "i")],
  [
    "code/php-function",
    5,
    "decode unserialize vars functions constants init strrev file gzinflate rot contents options",
    /(?<=(?:^|\W)(?:base64_|get_defined_|curl_|move_uploaded_|str_|file_(?:get|put)_|assert_)?)(?:decode|unserialize|vars|functions|constants|init|strrev|file|gzinflate|rot13|contents|options)\s?\(/i,
  ],
  [
    "code/php-function",
    8,
    "decode unserialize vars functions constants init strrev options",
    /(?<=^\s{0,3}(?:base64_|get_defined_|curl_|assert_)?)(?:decode|unserialize|vars|functions|constants|init|strrev|options)\s?\(/i,
  ],
  [
    "code/php-request",
    8,
    "$_",
    new RegExp(
      `(?<=(?:${phpRuns}|include|require|readfile|file_get_contents)(?:_once)?\\s?\\(?\\s?@?)\\$_(?:GET|POST|REQUEST|COOKIE|SERVER)\\b`,
      "i",
    ),
  ],
  ["code/php-request", 5, "$_ $A", /\$(?:_(?:GET|POST|REQUEST|COOKIE|SERVER|FILES|SESSION)|GLOBALS)\s?\[/],
];
