import type { Signature } from "./triggers.ts";

/** Addresses that only the server can reach, and schemes that reach other services (CWE-918). */
export const addressSignatures: readonly Signature[] = [
  [
    "ssrf/cloud-metadata",
    8,
    ".0",
    /(?<=\/[^\s/]{0,30}(?:169))\.254\.169\.254|(?<=\/[^\s/]{0,30}(?:100))\.100\.100\.200|(?<=169)\.254\.169\.254[/:]/,
  ],
  ["ssrf/cloud-metadata", 5, ".0", /(?<=169)\.254\.169\.254|(?<=100)\.100\.100\.200/],
  ["ssrf/cloud-metadata", 8, "metadata! meta! fd", /metadata\.google\.internal|(?<=latest\/)meta-data|(?<=^|\W)fd00:ec2::254/i],
  ["ssrf/inner-host", 7, "docker!", /(?<=^\s?(?:\w{1,20}=)?(?:\w{2,8}:\/\/)?host\.)docker\.internal\S{0,80}\s?$/i],
  ["ssrf/inner-host", 5, "docker! default!", /(?<=host\.)docker\.internal|(?<=kubernetes\.)default\.svc/i],
  // An address that a sentence goes on after is talked about.
  [
    "ssrf/inner-host",
    7,
    "http! https! irc! ftp! ws!",
    /(?<=^|\W)(?:https?|irc|ftp|ws):\/\/[^\s/]{0,40}\.(?:internal|cluster\.local)\b\S{0,80}\s{0,3}$/i,
  ],
  ["ssrf/inner-host", 5, "http! https!", /https?:\/\/[^\s/]{0,40}\.(?:internal|cluster\.local)\b/i],
  [
    "ssrf/inner-host",
    7,
    "irc! gopher! dict! ldap! ldaps! tftp! netdoc! jar! sftp!",
    /(?<=^|\W)(?:irc|gopher|dict|ldaps?|tftp|netdoc|jar:https?|sftp):\/\/\/?(?:localhost|127\.|\[?::1|0\.0\.0\.0|etc\/|[\w.-]{1,60}[:/])/i,
  ],
  ["ssrf/inner-host", 5, "http! https!", /https?:\/\/(?:localhost|127\.\d|0\.0\.0\.0|\[::1?\]|10\.\d|192\.168\.)/i],
  [
    "ssrf/spelled-address",
    8,
    "http! https!",
    /https?:\/\/(?:(?:0x[0-9a-f]{1,2}\.){1,3}|\[::ffff:|127\.\d{1,3}(?:\.\d{1,3})?(?:[/:?#]|$)|0(?:[/:?#]|$)|[\w-]{1,40}\.[a-z]{2,8}@(?:127\.|localhost|169\.254\.|0x|\[)|(?:\d{8,12}|0x[0-9a-f]{2,8}|0\d{2,3}\.0?\d{1,3}\.)(?:[/:.?]|\b))/i,
  ],
  // Readers of addresses do not agree which host this is.
  ["ssrf/spelled-address", 8, "http! https!", /https?:\/\/[^\s/@]{1,40}\s?[&#]\s?@/i],
  // Browsers and libraries read these full stops as dots.
  ["ssrf/spelled-address", 8, "http! https!", /https?:\/\/\d{1,3}[\u3002\uff0e\uff61]\d/i],
  ["ssrf/other-service", 8, "gopher! dict! netdoc! jar!", /(?:gopher|dict|netdoc|jar:(?:https?|file)):\/\//i],
  [
    "ssrf/out-of-band",
    7,
    "burpcollaborator! oastify! interact! oast! nip! xip! sslip! localtest! canarytokens!",
    /(?<=\.)(?:burpcollaborator\.net|oastify\.com|interact\.sh|oast\.\w{2,6}|nip\.io|xip\.io|sslip\.io|localtest\.me|canarytokens\.\w{3})\b/i,
  ],
  ["ssrf/local-file", 7, "file! netdoc!", /(?:file:\/{1,3}(?:etc|proc|var|c:|windows|root|home)\b|netdoc:\/\/)/i],
  ["ssrf/socket-proxy", 8, "unix!", /unix:[^\s|:]{1,400}\|https?:\/\//],
];
