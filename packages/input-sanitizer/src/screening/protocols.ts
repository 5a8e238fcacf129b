import { formRecogniser } from "./rule-table.ts";
import { partRecogniser } from "./whole-part.ts";

const headers = "content-(?:type|length|disposition)|set-cookie|location|transfer-encoding|host|refresh|x-[a-z-]{2,20}|bcc|cc|subject";

/** Finds line breaks that begin another header or request (CWE-93, CWE-113). */
export const recogniseHeaders = formRecogniser([
  ["header-break", 8, new RegExp(`\\r\\n?[ \\t]{0,3}(?:${headers})\\s?:\\s?\\S`, "i"), ["\r"]],
  ["request-break", 8, /\b(?:GET|POST|PUT|HEAD|DELETE)\s\S{1,120}\sHTTP\/1\.[01]\r?\n[\w-]{1,40}:/, ["http/1."]],
  [
    "header-break",
    7,
    /\n(?:set-cookie|content-length|location|transfer-encoding)\s?:\s?\S/i,
    ["set-cookie", "content-length", "location", "transfer-enc"],
  ],
  ["response-break", 8, /\r\n\r\n\s{0,4}<|\r\n?[A-Z][\w-]{2,20}:[^\r\n]{0,80}\r\n/, ["\r\n"]],
  ["response-break", 8, /[\r\n]\s{0,3}HTTP\/(?:1\.[01]|2)\s\d{3}/, ["http/"]],
  [
    "mail-command",
    8,
    /[\r\n](?:RCPT TO|MAIL FROM|DATA|QUIT|EHLO|HELO|A\d{2,3} \w{3,12})\b/,
    ["rcpt to", "mail from", "data", "quit", "ehlo", "helo", "\na"],
  ],
]);

/** Finds filters of LDAP that are closed and continued (CWE-90). */
export const recogniseLdap = formRecogniser([
  ["filter-break", 8, /\)\s{0,3}[|&]?\s{0,3}\(\s{0,3}[|&!]?\s{0,3}\(?\s{0,3}(?!\w{1,24}=["'])[a-z]{2,24}\s{0,2}[~<>]?=\s{0,3}[\w*()]/i],
  ["filter-break", 8, /\)\s{0,3}\(\s{0,3}[&|]|\*\s{0,3}\(\s{0,3}[|&]\s{0,3}\(|\)\s?\(cn=\)/],
]);

const hosts = "localhost|127\\.\\d|0\\.0\\.0\\.0|\\[::|\\[f[cde]|10\\.\\d|192\\.168\\.|172\\.(?:1[6-9]|2\\d|3[01])\\.|0(?:[/:]|$)";

/** A text that is nothing but the address of an inner host. */
export const recogniseBareAddress = partRecogniser("bare-address", [
  new RegExp(`^(?:\\w{1,20}=)?(?:https?|ftp|ws):[/\\\\]{1,3}(?:[^\\s/@]{1,40}@)?(?:${hosts})\\S*$`, "i"),
  /^\\\\[\w.-]{2,60}\\\w/,
  /^(?:\w{1,20}=)?(?:file|smb|sftp|tftp):\/\/?\S+$/i,
]);

/** Finds addresses that only the server can reach, and schemes that reach other services (CWE-918). */
export const recogniseAddresses = formRecogniser([
  [
    "cloud-metadata",
    8,
    /169\.254\.169\.254|metadata\.google\.internal|100\.100\.100\.200|\bfd00:ec2::254|latest\/meta-data/i,
    ["169.254", "metadata", "100.100", "fd00:", "meta-data"],
  ],
  [
    "inner-host",
    7,
    /host\.docker\.internal|kubernetes\.default\.svc|\b(?:https?|irc|ftp|ws):\/\/[^\s/]{0,20}\.(?:internal|cluster\.local)\b/i,
    ["internal", "kubernetes", "cluster."],
  ],
  [
    "inner-host",
    7,
    /\b(?:irc|gopher|dict|ldaps?|tftp|netdoc|jar:https?|sftp):\/\/\/?(?:localhost|127\.|\[?::1|0\.0\.0\.0|etc\/|[\w.-]{1,60}[:/])/i,
    ["irc:", "gopher:", "dict:", "ldap", "tftp:", "netdoc:", "jar:", "sftp:"],
  ],
  [
    "inner-host",
    5,
    /\bhttps?:\/\/(?:localhost|127\.\d|0\.0\.0\.0|\[::1?\]|10\.\d|192\.168\.)/i,
    ["localhost", "127.", "0.0.0.0", "[::", "10.", "192.168"],
  ],
  [
    "spelled-address",
    8,
    /\bhttps?:\/\/(?:0x[0-9a-f]{1,2}\.){1,3}|\bhttps?:\/\/\[::ffff:|\bhttps?:\/\/127\.\d{1,3}(?:[/:?#]|$)/i,
    ["://0x", "://[::", "://127."],
  ],
  ["other-service", 8, /\b(?:gopher|dict|netdoc|jar:(?:https?|file)):\/\//i, ["gopher:", "dict:", "netdoc:", "jar:"]],
  [
    "out-of-band",
    7,
    /\.(?:burpcollaborator\.net|oastify\.com|interact\.sh|oast\.\w{2,6}|nip\.io|xip\.io|sslip\.io|localtest\.me|canarytokens\.\w{3})\b/i,
    ["burpcoll", "oastify", "interact.sh", ".oast.", "nip.io", "xip.io", "sslip", "localtest", "canarytok"],
  ],
  ["spelled-address", 8, /\bhttps?:\/\/(?:\d{8,10}|0x[0-9a-f]{2,8}|0\d{2,3}\.0?\d{1,3}\.)(?:[/:.?]|\b)/i, ["://"]],
  ["local-file", 7, /\bfile:\/{1,3}(?:etc|proc|var|c:|windows|root|home)\b|\bnetdoc:\/\//i, ["file:", "netdoc:"]],
  ["socket-proxy", 8, /\bunix:[^\s|:]{1,400}\|https?:\/\//, ["unix:"]],
]);

/** Finds paths to prototypes in text that a program reads as a key, a path or code (CWE-1321). */
export const recognisePollution = formRecogniser([
  [
    "prototype-path",
    8,
    /\[\s?["'`]?__proto__["'`]?\s?\]|\.__proto__\s?[[.]|["']__proto__["']\s?(?:\\[nrt]\s?){0,6}:|__proto__\s?=|\$\d{1,3}:[\w:]{0,40}(?:__proto__|prototype|constructor)/,
  ],
  ["prototype-path", 7, /\bconstructor\s?(?:\.|\]?\[["']?)\s?prototype\b/],
  [
    "prototype-path",
    8,
    /__(?:define|lookup)(?:Getter|Setter)__|constructor\s?(?:\.|\[["'])\s?constructor\b|constructor(?:\]?\[["']?|%5b|\.)prototype/i,
  ],
  ["prototype-path", 7, /[[.{"'=:&?\]]__proto__|__proto__[[.\]"'=:&}]/],
  ["prototype-name", 4, /__proto__/],
]);
