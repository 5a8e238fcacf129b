import type { Hits } from "../finding.ts";

/** Forms that only an attack on a command line has, wherever they stand. Each is matched without backtracking over more than its line. */
const signatures: readonly (readonly [rule: string, score: number, form: RegExp])[] = [
  ["function-definition", 9, /\(\)\s{0,3}\{\s{0,3}(?::|_|\w{1,8};)\s{0,3};?/],
  ["fork-bomb", 9, /:\(\)\s{0,3}\{\s{0,3}:\s{0,3}\|/],
  ["field-separator", 8, /\$(?:IFS|\{IFS)\b/],
  ["device-socket", 8, /\/dev\/(?:tcp|udp)\/[\w$]/],
  ["brace-command", 8, /\{,?(?:cat|ls|id|ping|sleep|wget|curl|nc|bash|sh|ifconfig|whoami|uname|echo|rm|eval),?[\w/.$,+-]{0,60}\}/],
  ["shell-call", 7, /(?:^|[\s;|&`])(?:\/bin\/|\/usr\/bin\/)?(?:ba|z|k|c)?sh\s{1,3}-c\s{1,3}["'\\]/],
  ["windows-shell", 8, /(?:^|[;|&\s])cmd(?:\.exe)?\s{0,3}\/[ck]\s|%(?:systemroot|windir|comspec|programfiles|username|temp)[%:]/i],
  [
    "hidden-command",
    8,
    /\/(?:b[?*]{1,2}|\?{2,3}|[?*]in)\/[\w?*'"\\]{1,12}|(?:^|[;|&\s])(?:[a-z]{1,6}(?:''|""|\\|\$@|\$\*|\$\{?[a-z]\}?)){2,}[a-z]{1,8}\b/,
  ],
  [
    "code-call",
    7,
    /(?:^|^.{0,3}["';)}|&`.\s])(?:system|passthru|shell_exec|popen|proc_open|phpinfo|exec|exit|die|eval|print)\(["'`]?(?:[\w$`/-]|\))/,
  ],
  [
    "code-call",
    8,
    /[;'"}|&{]\s{0,3}(?:system|passthru|shell_exec|popen|proc_open|phpinfo|pcntl_exec)\s?\(|\bprint\(`|\$\{(?:print|popen|system|phpinfo|eval)\(|\b(?:print|exit|die)\((?:`|md5)/,
  ],
  ["code-call", 8, /__import__\(|eval\(compile\(|\beval\(["']?base64|os\.(?:system|popen)\(["'](?:sleep|id|cat|ls|ping|whoami|curl|wget)/],
  [
    "sensitive-read",
    8,
    /[;|&`(]\s{0,3}(?:cat|type|more|less|head|tail|tac|nl)\b[^\n]{0,20}(?:\/etc\/|passwd|shadow|boot\.ini|win\.ini|\\repair\\)/i,
  ],
  ["loop", 7, /(?:^|[;|&]\s{0,3})for\s{1,3}(?:\/[a-z]\s{1,3}(?:["'][^"'\n]{0,60}["']\s{1,3})?)?%{1,2}[\w-]{1,10}\s{1,3}in\s/i],
  ["escape-code", 7, /(?:\\033|\\e)\[2/],
];

export function findSignatures(text: string, hits: Hits): void {
  for (const [rule, score, form] of signatures) {
    const match = form.exec(text);
    if (match !== null) hits.add(rule, score, match.index, match.index + match[0].length);
  }
}
