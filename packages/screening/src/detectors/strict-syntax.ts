import type { MatchSet } from "../match-set.ts";

/** Signs of code; ids, names, dates, file names and plain URLs have none of them. */
const signs = new Uint8Array(128);
for (const sign of "<>`|{}[]\\^$*") signs[sign.charCodeAt(0)] = 1;

/**
 * Whole statements, commands and system paths, which break out of nothing but do not belong in a short technical field.
 *
 * Every pattern begins with a word or a rare sign, so that the search stays linear.
 */
const patterns: readonly (readonly [rule: string, pattern: RegExp])[] = [
  [
    "statement",
    /\b(?:select\s[^\n]{0,80}?\bfrom|insert\s+into|update\s+\w{1,40}\s+set|delete\s+from|(?:drop|create|alter|truncate)\s+(?:table|database|user|view|index|schema|role|function|procedure|login)|union\s+(?:all\s+)?select|exec(?:ute)?\s+\w|order\s+by\s+\d|(?:or|and|xor)\s+(?:not\s+)?\d|declare\s+\w|waitfor\s|is\s+(?:not\s+)?null|case\s+when|group\s+by|having\s+\w|not\s+(?:like|in|between)|in\s\(\d|procedure\s+analyse)\b/i,
  ],
  [
    "command",
    /^\s{0,8}(?:sudo\s+|time\s+|nohup\s+)?(?:cat|ls|rm|cp|mv|ps|nc|wget|curl|ping|telnet|echo|chmod|chown|bash|sh|zsh|cmd|powershell|python\d?|perl|ruby|php|node|awk|sed|grep|find|tar|kill|type|dir|net|reg|sc|alias|busybox|strace|gdb|ssh|scp|nmap|dig|nslookup|iconv|xxd|base64|git|docker|kubectl|systemctl|sleep|head|tail|touch|mkdir|export|set)(?:\.exe)?\s+[-/.~+'"\w]/,
  ],
  [
    "command",
    /^(?:whoami|ifconfig|ipconfig|netstat|uname|phpinfo|systeminfo|printenv|id|ls|pwd)$|(?:^|\s)\/(?:usr\/)?(?:local\/)?s?bin\/\w|\b(?:IF|if|For|FOR)\s.{0,60}(?:\bDO\b|\bEXIST\b|\bDEFINED\b|==|\b(?:EQU|GEQ|GTR|LSS|LEQ|NEQ)\b|\b(?:equ|gtr)\b)|\|\s?gcc/,
  ],
  ["mail-command", /^(?:MAIL FROM|RCPT TO|EHLO|HELO|DATA|VRFY)\b/],
  [
    "system-path",
    /(?:^|[/\s:=])(?:(?:etc|proc|sys|boot|root|tmp)\/|(?:var\/(?:log|lib|www)|usr\/(?:bin|lib|local))(?:\/|$)|home\/\w+\/\.)|\b[a-z]:[/\\]|(?:^|\/)\.(?:git|svn|env|ssh|ht\w|aws|npmrc|bash\w*|DS_Store|config)\b|\b(?:web-inf|meta-inf|win\.ini|boot\.ini|wp-config|web\.config|id_rsa|passwd|shadow)\b/i,
  ],
  // Alone between the delimiters of paths and queries, where `1..2` and `1 .. 2` are ranges. Some file systems drop the spaces.
  ["parent-folder", /(?<=(?:^|[/\\?#&=;:])\s{0,4})(?:[.\u2024\uff0e]{2}|\u2025)(?=\s{0,4}(?:$|[/\\?#&;]))/],
  ["encoded", /%[0-9a-f]{2}|&#?\w{2,8};|\\[ux][0-9a-f]|0x[0-9a-f]{4}|\+A[A-Za-z0-9]{2}-/i],
  [
    "script",
    /\b(?:java|vb|live)script\s?:|\bon[a-z]{4,20}\s?=|\bdata:\w|\bdocument\s?\.|\b(?:php|file|gopher|dict|ldap|jar|expect|phar|netdoc):\//i,
  ],
  ["operator", /!=|==|&&|\+\s?\+|::|(?:^|[^\w:/])\/\/|\/\*|--(?:\s|$)|^--/],
  ["prototype-name", /__proto__|constructor\s?[.[]|\$ne\b/],
];

/** What ids and numbers are made of, and every pattern above that can be made of the same. */
const bare = /^[\w-]{1,128}$/;
const named =
  /--|0x|__proto__|-inf|-config|id_rsa|passwd|shadow|^(?:ehlo|helo|data|vrfy)|^(?:whoami|ifconfig|ipconfig|netstat|uname|phpinfo|systeminfo|printenv|id|ls|pwd)$/i;

/** Whether a text is an id that none of the patterns can be in; most strict fields hold nothing else. */
export function isPlainId(text: string): boolean {
  return bare.test(text) && !named.test(text);
}

/** Finds what a strict field has no use for: it is the list of what such fields may hold, turned around. */
export function detectSyntax(text: string, matches: MatchSet): void {
  findSign(text, matches);
  for (const [rule, pattern] of patterns) {
    const match = pattern.exec(text);
    if (match !== null) matches.add(rule, 4, match.index, match.index + match[0].length);
  }
}

function findSign(text: string, matches: MatchSet): void {
  let opened = false;
  let hasParameters = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || (code < 128 && signs[code] === 1 && !isWritten(text, at, code)) || isLoose(text, at, code, opened, hasParameters)) {
      return matches.add("sign", 4, at, at + 1);
    }
    opened ||= code === 0x28;
    hasParameters ||= code === 0x3f || code === 0x3b;
  }
}

/** A quote that is no apostrophe, a semicolon that begins neither a parameter nor a name, a call, a step to the parent folder, an assignment. */
function isLoose(text: string, at: number, code: number, opened: boolean, hasParameters: boolean): boolean {
  const next = text.charCodeAt(at + 1);
  if (code === 0x27) return !(isLetter(text.charCodeAt(at - 1)) && (isLetter(next) || next === 0x20 || Number.isNaN(next)));
  if (code === 0x22) return !isNickname(text, at);
  if (code === 0x29) return !opened;
  if (code === 0x3b) return !/^;(?:\s?[A-Za-z*-]{1,20}=[\w."-]|\s\p{Lu}[\p{L}.]{0,20}(?=\s|$))/u.test(text.slice(at, at + 32));
  if (code === 0x28) return at > 0 && text.charCodeAt(at - 1) !== 0x20 && !/^\(\d{1,4}\)/.test(text.slice(at, at + 6));
  if (code === 0x2e) return next === 0x2e && (isSlash(text.charCodeAt(at + 2)) || isSlash(text.charCodeAt(at - 1)));
  if (code === 0x3d) return !hasParameters && text.length - at > 2;
  return false;
}

/** A comparison between spaces, or a heart: `a > b`, `<3`. */
function isWritten(text: string, at: number, code: number): boolean {
  if (code !== 0x3c && code !== 0x3e) return false;
  if (at > 0 && text.charCodeAt(at - 1) !== 0x20) return false;
  const next = text.charCodeAt(at + 1);
  if (code === 0x3c && next === 0x33) return !isWordCode(text.charCodeAt(at + 2));
  return at > 0 && next === 0x20 && isWordCode(text.charCodeAt(at + 2));
}

function isSlash(code: number): boolean {
  return code === 0x2f || code === 0x5c;
}

/** `Edward "Ed" Smith`. */
function isNickname(text: string, at: number): boolean {
  return (
    /^"[\p{L}. ]{1,20}"(?=[\s,]|$)/u.test(text.slice(at, at + 24)) ||
    /(?:^|\s)"[\p{L}. ]{1,20}"$/u.test(text.slice(Math.max(0, at - 23), at + 1))
  );
}

function isWordCode(code: number): boolean {
  return isLetter(code) || (code >= 0x30 && code <= 0x39);
}

function isLetter(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || code > 0xa0;
}
