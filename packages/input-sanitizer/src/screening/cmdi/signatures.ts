import type { Hits } from "../finding.ts";
import { addForms, type Form } from "../rule-table.ts";

const shellFunctions = "system|passthru|shell_exec|popen|proc_open|exec|eval";
const commands = "whoami|id|ls|cat|sleep|ping|wget|curl|nc|uname|dir|net|cmd|bash|sh|powershell";

const callHints = ["system(", "passthru(", "exec(", "open(", "phpinfo(", "eval(", "exit(", "die(", "print("];

/** Forms that only an attack on a command line has, wherever they stand. */
const signatures: readonly Form[] = [
  ["function-definition", 9, /\(\)\s{0,3}\{\s{0,3}(?::|_|\w{1,8};)\s{0,3};?/, ["()"]],
  ["fork-bomb", 9, /:\(\)\s{0,3}\{\s{0,3}:\s{0,3}\||\b(\w{1,12})\(\)\s{0,3}\{\s{0,3}\1(?:\(\))?\s{0,3}\|/, ["()"]],
  ["reverse-shell", 8, /\bnc(?:at)?\s[^\n|;]{0,60}-[a-z]{0,4}e\s{1,3}(?:\/bin\/|cmd|sh\b)/, ["/bin/", "e cmd", "e sh"]],
  ["field-separator", 8, /\$(?:IFS|\{IFS)\b/, ["ifs"]],
  ["device-socket", 8, /\/dev\/(?:tcp|udp)\/[\w$]/, ["/dev/"]],
  ["brace-command", 8, /\{,?(?:cat|ls|id|ping|sleep|wget|curl|nc|bash|sh|ifconfig|whoami|uname|echo|rm|eval),?[\w/.$,+-]{0,60}\}/, ["{"]],
  ["brace-command", 8, /\{,[a-z]{2,12}(?:,[\w/.-]{0,40}){1,6}\}/, ["{,"]],
  ["shell-call", 7, /(?:^|[\s;|&`])(?:\/bin\/|\/usr\/bin\/)?(?:ba|z|k|c)?sh\s{1,3}-c\s{1,3}["'\\]/, ["-c"]],
  ["windows-shell", 8, /(?:^|[;|&\s])cmd(?:\.exe)?\s{0,3}\/[ck]\s/i, ["/c", "/k"]],
  ["windows-shell", 8, /%(?:systemroot|windir|comspec|programfiles|username|temp)[%:]/i, ["%"]],
  ["hidden-command", 8, /\/(?:b[?*]{1,2}n?|\?{2,3}|[?*]in)\/[\w?*'"\\]{1,12}/, ["/b?", "/b*", "/??", "/?in", "/*in"]],
  ["hidden-command", 8, /(?:^|[;|&\s])(?:[a-z]{1,6}''){2,}[a-z]{1,8}\b/, ["''"]],
  ["hidden-command", 8, /(?:^|[;|&\s])(?:[a-z]{1,6}""){2,}[a-z]{1,8}\b/, ['""']],
  ["hidden-command", 8, /(?:^|[;|&\s])(?:[a-z]{1,6}\\){2,}[a-z]{1,8}\b/, ["\\"]],
  ["hidden-command", 8, /(?:^|[;|&\s])(?:[a-z]{1,6}\$(?:@|\*|\{?[a-z]\}?)){2,}[a-z]{1,8}\b/, ["$@", "$*", "${"]],
  ["hidden-command", 8, /[;|&]\s?[a-z/]{1,12}\$[-@?_*!][a-z/]|[a-z]\$\(\)[a-z]/, ["$"]],
  ["hidden-command", 8, /[a-z]``[a-z]|[a-z]`echo [a-z]{1,12}`/, ["`"]],
  ["hidden-command", 8, /\\[a-z](?:''|"")\\[a-z]/, ["\\"]],
  ["hidden-command", 8, /\$\{[A-Z_]{2,20}:\d{1,3}:\d|\$\{![A-Z]|\$'\\x?[0-7a-f]{2}/, ["$"]],
  ["hidden-command", 8, /[a-z]\$@[a-z]|[a-z]\$\{\w?@?\}[a-z]/, ["$"]],
  ["hidden-command", 8, /'[a-z]{1,3}'[a-z]{1,3}'[a-z]/, ["'"]],
  ["hidden-command", 8, /"[a-z]{1,3}"[a-z]{1,3}"[a-z]/, ['"']],
  [
    "piped-shell",
    8,
    /base64\s{1,3}(?:-d|-D|--decode)[^\n]{0,20}\|\s?(?:ba|z)?sh\b|\b(?:ba|z)?sh\s?<<<|\b(?:powershell|pwsh)(?:\.exe)?\s[^\n]{0,40}-e(?:nc|ncodedcommand|c)?\s/i,
    ["base64", "<<<", "powershell", "pwsh"],
  ],
  ["code-call", 7, new RegExp(`\\b(?:${shellFunctions})\\(["'](?:${commands})\\b`), callHints],
  [
    "code-call",
    7,
    /(?:^|^.{0,3}["';)}|&`.\s]|[?!.:]\s)(?:system|passthru|shell_exec|popen|proc_open|phpinfo|exec|exit|die|eval|print)\(["'`]?(?:[\w$`/-]|\))/,
    callHints,
  ],
  [
    "code-call",
    8,
    /[;'"}|&{]\s{0,3}(?:system|passthru|shell_exec|popen|proc_open|phpinfo|pcntl_exec)\s?\(/,
    ["system", "passthru", "shell_exec", "popen", "proc_open", "phpinfo", "pcntl_exec"],
  ],
  [
    "code-call",
    8,
    /print\(`|\$\{(?:print|popen|system|phpinfo|eval)\(|\b(?:print|exit|die)\((?:`|md5)/,
    ["print", "popen", "system", "phpinfo", "eval", "exit", "die"],
  ],
  [
    "code-call",
    8,
    /__import__\(|eval\(compile\(|\beval\(["']?base64|os\.(?:system|popen)\(["'](?:sleep|id|cat|ls|ping|whoami|curl|wget)/,
    ["__import__", "compile(", "base64", "os.system", "os.popen"],
  ],
  [
    "sensitive-read",
    8,
    /[;|&`(]\s{0,3}(?:cat|type|more|less|head|tail|tac|nl)\b[^\n]{0,20}(?:\/etc\/|passwd|shadow|boot\.ini|win\.ini|\\repair\\)/i,
    ["/etc/", "passwd", "shadow", "boot.ini", "win.ini", "repair"],
  ],
  ["loop", 7, /(?:^|[;|&]\s{0,3})for\s{1,3}(?:\/[a-z]\s{1,3}(?:["'][^"'\n]{0,60}["']\s{1,3})?)?%{1,2}[\w@#$-]{1,10}\s{1,3}in\s/i, ["%"]],
  ["escape-code", 7, /(?:\\033|\\e)\[2/, ["\\"]],
];

export function findSignatures(text: string, hits: Hits): void {
  addForms(text, signatures, hits);
}
