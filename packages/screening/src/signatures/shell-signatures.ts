import { notSpoken } from "./spoken-call.ts";
import type { Signature } from "./triggers.ts";

const commands = "whoami|id|ls|cat|sleep|ping|wget|curl|nc|uname|dir|net|cmd|bash|sh|powershell";
const callNames = "system passthru exec popen open phpinfo eval exit die print";
/** The same where the arguments follow at once. */
const calledNames = callNames.replaceAll(/\w+/g, "$&!");

/** Forms that only an attack on a command line has, wherever they stand. */
export const shellSignatures: readonly Signature[] = [
  ["cmdi/function-definition", 9, "()", /\(\)\s{0,3}\{\s{0,3}(?::|_|\w{1,8};)\s{0,3};?/],
  ["cmdi/fork-bomb", 9, "()", /\(\)\s{0,3}\{\s{0,3}(?<=(?:^|\W)(\w{1,12}|[:.])\(\)\s{0,3}\{\s{0,3})\1(?:\(\))?\s{0,3}(?:\||&(?!&))/],
  ["cmdi/reverse-shell", 8, "nc ncat netcat", /(?<=^|\W)(?:nc|ncat|netcat)\s[^\n|;]{0,60}-[a-z]{0,4}e\s{1,3}(?:\/bin\/|cmd|(?:ba)?sh\b)/i],
  ["cmdi/field-separator", 8, "$I ${", /\$\{?IFS\b/],
  ["cmdi/device-socket", 8, "tcp! udp!", /(?<=\/dev\/)(?:tcp|udp)\/[\w$]/],
  [
    "cmdi/brace-command",
    8,
    "{c {l {i {p {s {w {n {b {u {e {r {,",
    /(?<!\{)\{,?(?:cat|ls|id|ping|sleep|wget|curl|nc|bash|sh|ifconfig|whoami|uname|echo|rm|eval),?(?:[/.$+-]|\w[\w/.$+-]{0,60},|(?<=,)\w|(?<=,\w{1,8})(?=\}))[\w/.$,+-]{0,60}\}/,
  ],
  ["cmdi/brace-command", 8, "{A", /(?<=[;|&]\s?)\{[a-z]{1,10},-{1,2}[a-z]{1,8}\}/],
  ["cmdi/brace-command", 8, "{,", /\{,[a-z]{2,12}(?:,[\w/.-]{0,40}){1,6}\}/],
  [
    "cmdi/shell-call",
    7,
    "sh bash zsh ksh csh dash",
    /(?<=(?:^|[\s;|&`])(?:\/bin\/|\/usr\/bin\/)?)(?:ba|z|k|c|da)?sh\s{1,3}-[a-z]{0,2}c\s{1,3}["'\\]/,
  ],
  ["cmdi/windows-shell", 8, "cmd", /(?<=^|[;|&\s])cmd(?:\.exe)?\s{0,3}\/[ck]\s/i],
  ["cmdi/windows-shell", 8, "exe", /(?<=(?:^|[;|&\s])cmd\.)exe\s{0,3}\/[ck]\s/i],
  ["cmdi/windows-shell", 8, "%A", /%(?:systemroot|windir|comspec|programfiles|username|temp)[%:]/i],
  ["cmdi/hidden-command", 8, "/b /? /[", /\/(?:b[?*]{1,2}n?|\?{2,3}|[?*]in|b\[\w\]n)\/[\w?*'"\\[\]]{1,12}/],
  ["cmdi/brace-command", 8, "{,", /\{,\$?['"]\w{2,12}['"],/],
  ["cmdi/brace-command", 8, "{/", /\{\/[a-z?/]{4,20}\?[a-z?]{0,5},/],
  ["cmdi/hidden-command", 8, "*/", /(?<=\s\/[a-z]{1,4})\*\/[a-z]{1,4}[*?]{1,2}/],
  ["cmdi/hidden-command", 8, "''", /(?<=(?:^|[;|&\s])[a-z]{1,6})(?:''[a-z]{1,6}){2,}\b/],
  ["cmdi/hidden-command", 8, '""', /(?<=(?:^|[;|&\s])[a-z]{1,6})(?:""[a-z]{1,6}){2,}\b/],
  ["cmdi/hidden-command", 8, "\\A", /(?<=(?:^|[;|&\s])[a-z]{1,6})(?!(?:\\[nrt][a-z]{0,5}){1,8}(?!\\))(?:\\[a-z]{1,6}){2,}\b/],
  ["cmdi/hidden-command", 8, "$@ $* ${ $A", /(?<=(?:^|[;|&\s])[a-z]{1,6})(?:\$(?:@|\*|\{?[a-z]\}?)[a-z]{1,6}){2,}\b/],
  ["cmdi/hidden-command", 8, "$- $@ $? $_ $! $*", /(?<=[;|&]\s?[a-z/]{1,12})\$[-@?_*!][a-z/]/],
  ["cmdi/hidden-command", 8, "$( ``", /(?<=[a-z])(?:\$\(\)|``)[a-z]/],
  ["cmdi/hidden-command", 8, "$( ``", new RegExp(`(?<=(?:^|[;|&\\s])(?:${commands}))(?:\\$\\(\\)|\`\`)\\s`)],
  ["cmdi/hidden-command", 8, "`A", /(?<=[a-z])`echo [a-z]{1,12}`/],
  ["cmdi/hidden-command", 8, "\\A", /\\[a-z](?:''|"")\\[a-z]/],
  ["cmdi/hidden-command", 8, "${ $'", /\$\{[A-Z_]{2,20}:\d{1,3}:\d|\$\{![A-Z]|\$'\\(?:x[0-9a-f]{2}|[0-7]{2}|u[0-9a-f]{4})/i],
  ["cmdi/hidden-command", 8, "$@ ${", /(?<=[a-z])\$(?:@|\{\w?@?\})[a-z]/],
  ["cmdi/hidden-command", 8, "'A", /'[a-z]{1,2}'[a-z]{1,2}'[a-z]/],
  ["cmdi/hidden-command", 8, '"A', /"[a-z]{1,2}"[a-z]{1,2}"[a-z]/],
  ["cmdi/hidden-command", 8, "bin!", /(?<=\/)bin\/[a-z]{1,8}(?:\?|\[\w\])[a-z?]{0,8}\b|(?<=\/)bin\/(?:\?|\[\w\])[a-z?]{1,8}\s/],
  ["cmdi/hidden-command", 8, "^A", /(?<=(?:^|[;|&]\s?)[a-z]{1,4})(?:\^[a-z]{1,4}){3,}(?![\w^])/i],
  ["cmdi/substitution", 8, "$(", /\$\(\s?<\s?[\w/~.]/],
  ["cmdi/substitution", 8, "$(", /\$\(\(\$\(\)/],
  // Some consoles end a line at the sign that ended files.
  ["cmdi/chained-command", 8, "\u001a", new RegExp(`\\u001a\\s{0,3}(?:${commands}|echo|type|set)\\b`, "i")],
  [
    "cmdi/chained-command",
    8,
    "%0",
    new RegExp(
      `%0[ad](?:%0[ad]|%20|%09|[\\s+]){0,4}(?:/[\\w/]{1,24}/)?(?:${commands}|type|echo|ifconfig|netstat|touch|rm|nslookup|env|hostname|ps|tail|head)(?=$|[\\s+;|&#%<>])`,
      "i",
    ),
  ],
  ["cmdi/piped-shell", 8, "<<", /<<<\s?["']?\w[^|\n]{0,40}\|\s?(?:ba|z)?sh\b/],
  ["cmdi/piped-shell", 8, "<<", /(?<=(?:\$\{?0\}?|\$SHELL|sh)\s?)<<</],
  [
    "cmdi/chained-command",
    8,
    "get! set! new! start! stop! invoke! out! remove! add! write! import! export! test! copy! select! read!",
    /(?<=[;&]\s{0,3})(?:get|set|new|start|stop|invoke|out|remove|add|write|import|export|test|copy|select|read)-[a-z]{3,24}(?=[\s;|&(]|$)/i,
  ],
  ["cmdi/chained-command", 8, "iex iwr", /(?<=[;|&]\s{0,3})(?:iex|iwr)\s?[\s(]/i],
  [
    "cmdi/shell-call",
    8,
    "nohup time strace ltrace nice ionice setsid env exec command builtin busybox eval sudo xargs watch doas",
    /(?<=^|[;|&\s])(?:nohup|time|strace|ltrace|nice|ionice|setsid|env|exec|command|builtin|busybox|eval|sudo|xargs|watch|doas)\s{1,3}(?:(?:whoami|id|uname|ifconfig|netstat)(?=\s{0,3}(?:$|[|;&]))|sleep\s\d{1,4}\s?[>|;&])/,
  ],
  ["cmdi/chained-command", 7, "time", /(?<=^|[?.!]\s)time;\s?[a-z][\w.-]{1,24}(?:\s[\w.-]{1,24}){0,4}\s{0,3}$/],
  [
    "cmdi/chained-command",
    7,
    "perl ruby php python",
    /(?<=(?:[;&]|\|\||(?:^|[?.!]\s)\|)\s{0,3})(?:(?:perl|ruby)\s-e|php\s-r|python\d?\s-c)\s/,
  ],
  // Programs run what these options name.
  [
    "cmdi/option",
    8,
    "use upload receive checkpoint",
    /(?<=^\s{0,3}--)(?:use-(?:askpass|compress-program)|upload-pack|receive-pack|checkpoint-action)=\S/,
  ],
  ["cmdi/option", 8, "exec", /(?<=^\s{0,3}-)exec\s\S{1,40}\s[;\\{]/],
  ["cmdi/option", 8, "ext!", /(?<=^|\W)ext::\w{1,12}\s-c\s/],
  // A spreadsheet runs the program before the sign.
  ["cmdi/spreadsheet-command", 8, "|'", /(?<=(?:^|[\n,;"])[=+@-][^\n|]{0,40})\|\s?'[^'\n]{0,60}'!/],
  ["cmdi/chained-command", 8, "trap", /(?<=[;&|]\s{0,3})trap\s["'][^"'\n]{1,60}["']\s(?:SIG)?[A-Z0-9]{1,8}\b/],
  ["cmdi/chained-command", 8, "<<", /(?<=[;&|]\s{0,3}[a-z]{2,12}\s?)<<</],
  ["cmdi/chained-command", 8, "alias", /alias\s(\w{1,20})=[^;&|\n]{1,40}[;&|]{1,2}\s?\1\b/],
  ["cmdi/windows-shell", 7, "if", /(?<=^|[;&|?.!]\s?)if\s(?:\/i\s)?(?:not\s)?(?:defined|exist)\s\S{1,40}\s/i],
  ["cmdi/shell-call", 8, "shell bash", /(?<=\$\{?)(?:SHELL|BASH)\}?\s{1,3}-c\s/],
  ["cmdi/substitution", 8, "$(", /\$\(`[a-z/]/],
  ["cmdi/piped-shell", 8, "base", /base64\s{1,3}(?:-d|-D|--decode)[^\n]{0,20}\|\s?(?:ba|z)?sh\b/],
  ["cmdi/piped-shell", 8, "sh bash zsh", /(?:ba|z)?sh\s?<<</],
  ["cmdi/piped-shell", 8, "powershell pwsh", /(?:powershell|pwsh)(?:\.exe)?\s[^\n]{0,40}-e(?:nc|ncodedcommand|c)?\s/i],
  [
    "cmdi/code-call",
    7,
    calledNames,
    new RegExp(`(?<=^|\\W|(?:shell|proc)_)(?:system|passthru|exec|open|popen|eval)\\(["'](?:${commands})\\b`),
  ],
  [
    "cmdi/code-call",
    7,
    calledNames,
    new RegExp(
      `(?<=(?:^|^.{0,3}["';)}|&\`.\\s]|[?!.:]\\s)(?:shell_|proc_)?)${notSpoken}(?:system|passthru|exec|popen|open|phpinfo|exit|die|eval)\\(["'\`]?(?:[\\w$\`/-]|\\))`,
    ),
  ],
  [
    "cmdi/code-call",
    8,
    callNames,
    /(?<=[;'"}|&{]\s{0,3})(?:system|passthru|popen|phpinfo)\s?\(|(?<=[;'"}|&{]\s{0,3}(?:shell|pcntl|proc)_)(?:exec|open)\s?\(/,
  ],
  ["cmdi/code-call", 8, calledNames, /print\(`|(?<=\$\{)(?:print|popen|system|phpinfo|eval)\(|(?:print|exit|die)\((?:`|md5)/],
  ["cmdi/code-call", 8, "(`", /(?<=(?:print|exit|die|echo|eval)\s?)\(`/],
  [
    "cmdi/code-call",
    8,
    "import eval system popen",
    /(?<=__)import__\(|eval\((?:compile\(|["']?base64)|(?<=os\.)(?:system|popen)\(["'](?:sleep|id|cat|ls|ping|whoami|curl|wget)/,
  ],
  [
    "cmdi/sensitive-read",
    8,
    "cat type more less head tail tac nl",
    /(?<=[;|&`(]\s{0,3})(?:cat|type|more|less|head|tail|tac|nl)\b[^\n]{0,20}(?:\/etc\/|passwd|shadow|boot\.ini|win\.ini|\\repair\\)/i,
  ],
  // Whether it sleeps shows the attacker whether the condition holds.
  [
    "cmdi/timed-branch",
    8,
    "if",
    /if\s{1,3}(?:\[{1,2}|test|\(\()\s[^\n;]{1,60}(?:\n|;\s?)then\s{1,3}(?:sleep\s{1,3}\d{1,4}(?:\.\d{1,3})?|ping\s-c\s?\d{1,3}\s\S{1,40})\s{0,3}(?:\n|;\s?)fi(?![\w-])/,
  ],
  ["cmdi/loop", 7, "for", /(?<=^|[;|&?.!]\s{0,3})for\s{1,3}(?:\/[a-z]\s{1,3}(?:["'][^"'\n]{0,60}["']\s{1,3})?)?%{1,2}\S{1,10}\s{1,3}in\s/i],
];
