import type { Signature } from "./triggers.ts";

const sinks =
  "alert! prompt! confirm! eval! settimeout! setinterval! function! fetch! import! fromcharcode! unescape! atob! document! window! self! top! this! parent! location! " +
  "globalthis javascript! new constructor! get! with!";

/** Names that turn data into running script, dialogs or requests, right before a call or an access. */
const sink =
  /(?<=^|[^\w.$-])(?:alert|prompt|confirm|eval|settimeout|setinterval|function|fetch|import|unescape|atob|document\s*[.[]|window\s*[.[]|self\s*[.[]|top\s*[.[]|this\s*\[|parent\s*\[|location\s*[=.(]|globalthis|javascript:|new\s+image|constructor\s*[.([]|with\s*\()|(?<=string\.)fromcharcode|(?<=\$\.)get/i;

/** Forms that only an attack on a browser has, wherever they stand. */
export const markupSignatures: readonly Signature[] = [
  ["xss/utf-7", 8, "charset", /(?<=<meta[^>]{0,80}\W)charset\s?=\s?["']?(?:utf-?7|x-imap4-modified-utf7|x-mac-farsi)/i],
  ["xss/utf-7", 8, "+A", /\+A(?:Dw|D4|CI|AiA)[A-Za-z0-9]{0,8}-/],
  ["xss/script-url", 8, "data!", /data:(?:text\/html|image\/svg\+xml|text\/xml)[;,]/i],
  [
    "xss/script-url",
    7,
    "script! javascript! vbscript! livescript!",
    /(?<=(?:java|vb|live)\s?|\b)(?:(?:java|vb|live)?script)\s?:(?=\S)(?:(?=\/\/|%|(?:new\s{1,3})?\w+[(`]|["'[\\])|(?=.{0,30}(?:alert|prompt|confirm|eval|fetch|import|document|window|location)))/i,
  ],
  ["xss/directive", 8, "<? <! </ <x <X", /<\?(?:xml-stylesheet|import)\s|<!ATTLIST\s|<xsl:(?:template|value-of|stylesheet)|<\/xsl:/i],
  ["xss/script-style", 7, "expression!", /(?<=[:=]\s?)expression\s?\\?(?:\(|28)/i],
  ["xss/polyglot", 8, "<!", /<!\[CDATA\[[<>]/i],
  ["xss/script-break-out", 8, "${", /\$\{\s?(?:alert|prompt|confirm|eval|fetch|import|setTimeout)\s?[(`]/],
  ["xss/page-access", 8, "document", /(?<=(?:\/\/|\?)[^\s"'`]{0,80}["'`]\s?\+\s?(?:\w{1,20}\()?)document\.cookie/],
  [
    "xss/page-access",
    7,
    "cookie localstorage sessionstorage innerhtml",
    /(?<=(?:fetch|open|sendBeacon|\.get|\.post|\.src|location(?:\.\w{1,10})?|href)\s?(?:\(|=(?!=))[^\n]{0,80}(?:document\.(?:body\.)?|\b))(?:cookie|localStorage|sessionStorage|innerHTML)\b/,
  ],
  ["xss/script-entity", 8, "&{", /&\{[^}\n]{1,60}\}/],
  ["xss/spelled-call", 8, "(! []", /\(!\[\]\+\[\]\)|\[\]\[\(?!?\[\]|\[\]\[["'](?:filter|map|flat|at|constructor)/],
  [
    "xss/spelled-call",
    8,
    "find map filter each some every sort",
    /(?<=\.(?:for)?)(?:find|map|filter|Each|some|every|sort)\s?\(\s?(?:alert|prompt|confirm|eval)\s?\)/i,
  ],
  ["xss/spelled-call", 8, "=a =p =c =e =t =s", /(?<=(?:^|\W)(\w{1,12})\s?)=(?:alert|prompt|confirm|eval|top|self)\s?[,;]\s?\1\s?[([]/],
  ["xss/spelled-call", 8, "(a (p (c (e (f", /\((?:alert|prompt|confirm|eval|fetch)\)\s?\(/],
  ["xss/spelled-call", 7, "fromcharcode!", /(?<=String\.)fromCharCode\(\s?\d{1,3}\s?,\s?\d{1,3}\s?,\s?\d/i],
  ["xss/spelled-call", 7, "+' +\" +S", /(?<=['"]\s?)\+\s?['"]\w{1,12}['"]\s?\]?\(/],
  ["xss/polyglot", 8, "--", /-->\]\]>|(?<=<!)--\s{0,3}-->\s{0,3}[a-z]{1,12}:/i],
  ["xss/page-access", 7, "document", /document\s{0,3}(?:\/\*[^*]{0,20}\*\/\s{0,3})?\.\s{1,8}cookie|(?<=\}\s?=\s?)document\b/i],
  ["xss/page-access", 7, "open!", /(?<=\.)open\(["']get["'],\s?["']\/[^)]{1,60}\);?\s?x?\w{0,8}\.send\(/i],
  ["sqli/system-procedure", 7, "password", /(?<=--[^\n]{0,40}\Wsp_)password\b/i],
  ["ssi/script-tag", 7, "{p {P {/ [p [P [/ <?", /\{\/?php\}|\[\/?php\]|<\?xml\s?:\s?\w|<\?\s?(?:system|exec)\b/i],
  ["xxe/include", 8, "include xinclude! xmlns!", /(?<=<xi:)include(?=\s)|xinclude-namespace|xmlns:xi=/i],
  ["xss/script-call", 4, sinks, sink],
];
