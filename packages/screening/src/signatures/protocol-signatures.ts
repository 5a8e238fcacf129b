import type { Signature } from "./triggers.ts";

/** Headers with the value that they take: letters have lines such as `Location: Room 5`. */
const headers =
  "content-(?:type|disposition)\\s?:\\s?[a-z]|content-length\\s?:\\s?\\d|set-cookie\\s?:\\s?[^\\s=]{1,60}=|location\\s?:\\s?(?:https?:|[/%])|" +
  "transfer-encoding\\s?:\\s?chunked|host\\s?:\\s?[\\w-]{1,40}\\.|refresh\\s?:\\s?\\d|x-[a-z-]{2,20}\\s?:\\s?\\S|b?cc\\s?:\\s?[^\\s@]{1,60}@";

/** Line breaks that begin another header, request or command (CWE-93, CWE-113), and filters of LDAP that go on after a value (CWE-90). */
export const protocolSignatures: readonly Signature[] = [
  ["http/header-break", 8, "CR", new RegExp(`\\r\\n?[ \\t]{0,3}(?:${headers})`, "i")],
  ["http/request-break", 8, "get post put head delete", /(?<=^|\W)(?:GET|POST|PUT|HEAD|DELETE)\s\S{1,120}\sHTTP\/1\.[01]\r?\n[\w-]{1,40}:/],
  [
    "http/header-break",
    7,
    "set! content! location! transfer!",
    /(?<=\n)(?:set-cookie\s?:\s?[^\s=]{1,60}=|content-length\s?:\s?\d|location\s?:\s?(?:https?:|[/%])|transfer-encoding\s?:\s?chunked)/i,
  ],
  // In one line of text the break stands as an escape.
  ["http/header-break", 8, "%0", /%0a(?:%20)?(?:b?cc|to|subject|reply-to)(?::|%3a)/i],
  ["http/response-break", 8, "CR", /\r\n\r\n\s{0,4}</],
  ["http/response-break", 5, "CR", /\r\n?[A-Z][\w-]{2,20}:[^\r\n]{0,80}\r\n/],
  ["http/response-break", 8, "http!", /(?<=[\r\n]\s{0,3})HTTP\/(?:1\.[01]|2)\s\d{3}/],
  [
    "http/mail-command",
    8,
    "rcpt mail data quit ehlo helo",
    /(?<=[\r\n])(?:RCPT TO\s?:|MAIL FROM\s?:|(?:DATA|QUIT)\s{0,4}(?:[\r\n]|$)|(?:EHLO|HELO)\s\S)/,
  ],
  [
    "http/mail-command",
    8,
    "a!",
    /(?<=[\r\n])A\d{2,3} (?:LOGIN|LOGOUT|SELECT|EXAMINE|CREATE|DELETE|FETCH|LIST|STORE|STATUS|APPEND|SEARCH|NOOP|CAPABILITY)\b/i,
  ],
  [
    "ldap/filter-break",
    8,
    ")( )| )& )S",
    /\)\s{0,3}[|&]?\s{0,3}\(\s{0,3}[|&!]?\s{0,3}\(?\s{0,3}(?!\w{1,24}=["'])[a-z]{2,24}\s{0,2}[~<>]?=\s{0,3}(?!-?\d[\d.,]{0,12}\s?%?\s?\))[\w*()]/i,
  ],
  ["ldap/filter-break", 8, "(& (| (( (! (S", /(?<=\)\s{0,3})\(\s{0,3}(?:\(\s{0,3}|!\s{0,3}\()?[&|](?![&|])/],
  ["ldap/filter-break", 8, "(c", /(?<=\)\s?)\(cn=\)/],
  ["ldap/filter-break", 8, "(& (| (S", /(?<=\*\s{0,3})\(\s{0,3}[|&]\s{0,3}\(/],
];

/** Paths to prototypes in text that a program reads as a key, a path or code (CWE-1321). */
export const pollutionSignatures: readonly Signature[] = [
  [
    "pollution/prototype-path",
    8,
    "proto",
    /(?<=\[\s?["'`]?__)proto__["'`]?\s?\]|(?<=\.__)proto__\s?(?:\[|\.\w{1,30}\s?(?:=(?!=)|&|$))|(?<=["']__)proto__["']\s?(?:\\[nrt]\s?){0,6}:|(?<=__)proto__\s?=(?![=])/,
  ],
  ["pollution/prototype-path", 8, "$0", /\$\d{1,3}:[\w:]{0,40}(?:__proto__|prototype|constructor)/],
  ["pollution/prototype-path", 7, "constructor", /constructor\s?(?:\.|\]?\[["']?)\s?prototype["']?\s?[.[\]=&]/],
  [
    "pollution/prototype-path",
    8,
    "constructor",
    /constructor\s?(?:\.|\[["'])\s?constructor\b|constructor(?:\]?\[["']?|%5b|\.)prototype["']?(?:[.[\]=&]|%5)/i,
  ],
  ["pollution/prototype-path", 5, "constructor", /constructor\.prototype\b/],
  ["pollution/prototype-path", 8, "definegetter definesetter lookupgetter lookupsetter", /(?<=__)(?:define|lookup)(?:Getter|Setter)__/i],
  ["pollution/prototype-path", 7, "proto", /(?<=[[{"'=:&?\]]__)proto__|(?<=__)proto__(?:[[.\]"':&}]|=(?!=))/],
  ["pollution/prototype-name", 4, "proto", /(?<=__)proto__/],
];
