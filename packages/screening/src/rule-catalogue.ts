import { type AttackClass, attackClasses } from "./finding.ts";
import { comparisonScores } from "./sqli/comparison-scores.ts";
import { probeScores } from "./sqli/probe-rules.ts";

/** One rule of the screening. Its id stays the same from version to version. */
export interface ScreeningRule {
  /** `class/rule`, as exclusions name it. */
  readonly id: string;
  readonly class: AttackClass;
  readonly rule: string;
  /** What the rule sees in a text. */
  readonly description: string;
  /** How sure the rule is, by example, where that depends on what stands around; the first that is like a text decides. */
  readonly scores?: readonly ScoreExample[];
}

/** A text, and the score of a rule for it. */
export interface ScoreExample {
  readonly example: string;
  /** From 1 to 10; 0 where the rule finds nothing. */
  readonly score: number;
}

const catalogue: Readonly<Record<AttackClass, Readonly<Record<string, string>>>> = {
  sqli: {
    condition: "a condition joined to a value: `' or 1=1`",
    "quoted-operator": "an operator between quotes that leave and enter a string: `'='`",
    "continued-expression": "an expression that goes on after a closed string, to a string or comment: `x'^1='2`",
    "typed-condition": "a literal with a cast after `or`: `or '{}'::jsonb`",
    "open-condition": "a condition whose right side is left to the query around: `and uid='`",
    "open-call": "nothing but a call that is left open: `count(`",
    "open-clause": "nothing but an alias and `from`: `) as n from`",
    "constant-condition": "a comparison of two constants",
    "constant-branch": "`case when` or `iif` on a constant or a probe",
    "union-select": "`union select` after a value",
    "stacked-statement": "another statement after a value: `1; drop table t`",
    "trailing-clause": "`order by 9`, `having`, `limit`, `into outfile` after a value",
    "commented-rest": "a closed string, and the rest of the query commented away: `admin'--`",
    "probe-function": "a function that waits, reads files or leaks by errors",
    "information-function": "a question to the database about itself, inside other calls",
    "spelled-text": "text spelled by numbers: `char(97)||char(98)`",
    subquery: "a `select` in parentheses where a value is expected",
    "system-name": "a system table or variable",
    "system-procedure": "a procedure that runs programs: `xp_cmdshell`",
  },
  xss: {
    "active-element": "an element that loads or runs something",
    "script-element": "a script element with an effect, from elsewhere, or malformed",
    "event-handler": "an event handler with a value",
    "hidden-handler": "an event handler after noise that browsers ignore",
    "loose-handler": "an event handler outside a tag, to be put into one",
    "mangled-tag": "the name of an active element with noise in it",
    "script-url": "a URL that runs script: `javascript:`, `data:text/html`",
    "script-style": "a style that runs script",
    "twisted-style": "a style written to be misread",
    "inline-document": "`srcdoc`",
    "meta-directive": "`<meta http-equiv>` that redirects or sets a cookie",
    "legacy-script": "script in ways of old browsers",
    "foreign-code": "an element that loads code from elsewhere, or a link to a bare address",
    "closing-tag": "an end tag of an element that the text did not open",
    "script-break-out": "a string of script is closed and a call follows: `'-alert(1)-'`",
    "script-call": "a call of `alert`, `eval`, `fetch` and the like",
    "spelled-call": "the name of a function put together from strings, and called",
    "page-access": "access to cookies and the document, or requests to the own site",
    "utf-7": "markup in UTF-7 or another encoding that filters do not read",
    "script-entity": "script in an entity of old browsers: `&{…}`",
    polyglot: "text that leaves several contexts at once",
    directive: "processing instructions and stylesheets of XML that run script",
  },
  cmdi: {
    "chained-command": "a command after a separator or line break",
    substitution: "a command in backticks, `$(…)` or `<(…)`",
    "function-definition": "a shell function as in Shellshock",
    "fork-bomb": "a function that calls itself through a pipe",
    "reverse-shell": "`nc -e`",
    "field-separator": "`$IFS` in place of a space",
    "device-socket": "`/dev/tcp/…`",
    "brace-command": "a command as brace expansion: `{cat,/etc/passwd}`",
    "hidden-command": "a command with noise that the shell drops: `c''at`, `/b?n/ls`",
    "shell-call": "`sh -c '…`",
    "windows-shell": "`cmd /c`, `%COMSPEC%`",
    "code-call": "a call that runs a command: `system('id')`",
    "sensitive-read": "a separator and the reading of a system file",
    "piped-shell": "text that is decoded and run by a shell",
    "timed-branch": "a condition of a shell that does nothing but wait",
    loop: "a loop of the Windows shell",
    option: "an option that names a program to run: `--use-askpass=/tmp/x`",
    "spreadsheet-command": "a cell that runs a program: `=cmd|' /C calc'!A0`",
  },
  traversal: {
    "step-up": "steps to parent folders",
    "encoded-step": "a step to the parent folder in some encoding",
    "idle-steps": "`/./././`",
    "sensitive-file": "a system file by name",
    "cut-by-nul": "a file name cut by NUL",
  },
  ssti: {
    expression: "an expression in delimiters of a template",
    "computed-expression": "an expression that shows whether a template computes",
    "dangerous-expression": "an expression that reaches for the interpreter",
    "bare-expression": "a text that is nothing but an expression in delimiters",
  },
  nosql: {
    operator: "an operator as a key: `{$ne:`, `[$gt]`",
    "guessed-secret": "a password compared by anything but equality",
    "always-true-operator": "an operator that is true for everything: `$gt: ''`",
    "script-operator": "`$where` or `mapReduce` with script",
    "script-condition": "a condition of script joined to a string: `' || 'a'=='a`",
    "script-statement": "a statement of script after a value: `'; return true;`",
    "array-break": "a closed list and another operator",
    "database-call": "a call that drops or lists collections",
  },
  xxe: { entity: "an entity declaration", "internal-subset": "a document type with declarations", include: "XInclude" },
  ssi: { include: "a server-side or edge-side include", "script-tag": "a PHP tag" },
  code: {
    "java-class": "the name of a Java class",
    "java-gadget": "the name of a gadget for deserialisation",
    "java-run": "Java, OGNL or JNDI that runs something",
    "serialised-java": "a serialised Java object",
    "serialised-object": "a serialised object of Python or YAML",
    "serialised-php": "a serialised PHP object",
    "php-include": "a file from elsewhere that PHP is to run",
    "php-wrapper": "a stream wrapper: `php://filter`, `expect://`",
    "php-function": "a PHP function that attacks use",
    "variable-function": "a function called by a computed name",
    "hidden-call": "a call with a comment before its parenthesis",
    "node-function": "a serialised function of Node.js",
    "node-run": "`child_process` or the environment of Node.js",
    "php-request": "a value of the PHP request, also given to a function that runs it",
    "bare-code": "a text that is nothing but a call or a statement",
    "endless-loop": "a loop on a constant",
    "perl-interpolation": "`@{[ … ]}`",
    "ruby-run": "a Ruby call that runs a command",
  },
  ssrf: {
    "cloud-metadata": "the metadata service of a cloud",
    "inner-host": "a host or scheme of the inner network",
    "spelled-address": "an IP address as one number or in octal",
    "bare-address": "a text that is nothing but an inner address, unless of a developer's own server",
    "other-service": "a scheme that reaches other services: `gopher:`, `dict:`",
    "out-of-band": "a host that attackers use to see requests come in",
    "local-file": "a `file:` URL of a system folder",
    "socket-proxy": "`unix:…|http://`",
  },
  ldap: { "filter-break": "a filter is closed and another begins" },
  http: {
    "header-break": "a line break and a header",
    "request-break": "a second request",
    "response-break": "a second response",
    "mail-command": "a line break and a command of SMTP or IMAP",
  },
  pollution: {
    "prototype-path": "a path to a prototype",
    "prototype-name": "the name `__proto__`",
    "forbidden-key": "a key of the document that changes prototypes or is an operator",
  },
  syntax: {
    sign: "a sign that ids and names do not have",
    statement: "a whole SQL statement",
    command: "a whole command line",
    "mail-command": "a command of SMTP",
    "system-path": "a path or file of the system",
    "parent-folder": "the parent folder as a segment of a path, or alone: `..`",
    encoded: "an encoded character",
    script: "a script URL, handler or scheme",
    operator: "an operator of a programming language",
    "prototype-name": "`__proto__`, `constructor.`, `$ne`",
  },
  other: { likeness: "a short text that only the judgement takes for an attack" },
};

const tooMany = "more signs than an ordinary text has; the rest was not read";

const scoreTables: Readonly<Record<string, readonly (readonly [when: unknown, score: number, example: string])[]>> = {
  "sqli/condition": comparisonScores,
  "sqli/probe-function": probeScores,
};

function scoresOf(id: string): Pick<ScreeningRule, "scores"> {
  const table = scoreTables[id];
  return table === undefined ? {} : { scores: table.map(([, score, example]) => Object.freeze({ example, score })) };
}

function rulesOf(attackClass: AttackClass): ScreeningRule[] {
  const own: readonly (readonly [rule: string, description: string])[] = Object.entries(catalogue[attackClass]);
  const all = attackClass === "other" ? own : [...own, ["too-many-signs", tooMany] as const];
  return all.map(([rule, description]) => {
    const id = `${attackClass}/${rule}`;
    return Object.freeze({ id, class: attackClass, rule, description, ...scoresOf(id) });
  });
}

/** Every rule, by class. */
export const screeningRules: readonly ScreeningRule[] = Object.freeze(attackClasses.flatMap(rulesOf));
