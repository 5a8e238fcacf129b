import type { Signature } from "./triggers.ts";

const javaNames = "java javax org com";

/** Code of Java, Node.js, Perl and Ruby that an interpreter behind the field would run (CWE-94), and objects that it would revive (CWE-502). */
export const codeSignatures: readonly Signature[] = [
  [
    "code/java-class",
    5,
    javaNames,
    /(?<=^|\W)(?:java\.(?:io|lang|net|util|nio|rmi|beans)\.[A-Z]|java\.lang\.reflect|javax\.(?:script|naming|management)|org\.apache\.(?:commons|catalina|struts)|com\.(?:opensymphony\.xwork|sun\.(?:org|rowset|jndi))|org\.(?:omg\.corba|springframework\.(?:context|expression)))/i,
  ],
  [
    "code/java-gadget",
    5,
    "runtime! processbuilder! java!",
    /(?:runtime|processbuilder|java)\.{1,2}\w{0,24}\.?(?:closure|transformer|factory|processbuilder|runtime)\b|processbuilder\.evil/i,
  ],
  ["code/java-run", 8, "getruntime", /getruntime\s?\(\s?\)\s?\.\s?exec/i],
  [
    "code/java-run",
    8,
    "processbuilder",
    /(?<=new\s{1,3}(?:java\.lang\.)?)processbuilder\s?\(\s?(?:new\s{1,3}(?:java\.lang\.)?string|["'{])/i,
  ],
  ["code/java-run", 8, "jndi!", /(?<=\$\{[^}$]{0,60})jndi\s?:/i],
  [
    "code/java-run",
    8,
    "memberaccess! java! classloader",
    /(?<=#_)memberaccess|(?<=@)java\.lang\.\w{1,60}@|(?<=class\.module\.)classloader/i,
  ],
  // Lookups inside lookups, as they hide the name of one.
  ["code/java-run", 8, "${", /\$\{(?:::-|(?:lower|upper|env|sys|ctx|date|main):[^}$\n]{0,24}:-|(?:lower|upper):\w\})/i],
  ["code/java-run", 8, "${", /\$\{(?:\w{1,12}:)?\$\{\w{1,12}:/],
  ["code/java-run", 7, "scriptenginemanager", /ScriptEngineManager\s?(?:\(\s?\)\s?\.|\[)/],
  ["code/java-run", 8, "%{", /%\{\(?#/],
  ["code/serialised-java", 8, "ro kztaau cs aced", /(?<=^|\W)(?:rO0AB[QXA-Z0-9]|KztAAU|Cs7QAF|aced0005)/],
  ["code/serialised-java", 8, "\\x \u00ac", /\\xac\\xed\\x00\\x05|\xac\xed/],
  ["code/serialised-java", 8, "h", /(?<=^|\W)H4sIA{6}/],
  ["code/serialised-object", 8, "!!", /!!(?:javax?\.|org\.|com\.|python\/|ruby\/)/],
  [
    "code/serialised-object",
    8,
    "cos cposix cbuiltins csubprocess",
    /(?<=^|[\s"'])c(?:os|posix|builtins|subprocess)\n(?:system|popen|eval|exec|Popen)\n/,
  ],
  ["code/node-function", 9, "nd!", /(?<=_\$\$)ND_FUNC\$\$_/],
  [
    "code/node-run",
    8,
    "require!",
    /require\s?\(\s?["'`](?:node:)?(?:child_process["'`]\s?\)\s?\.\s?(?:exec|spawn|fork)|(?:child_process|fs|net|vm|os)["'`]\s?\)\s?\.\s?(?:exec|spawn|fork|read|write|unlink|rm|connect|run|compile|append|create|userinfo|hostname)\w{0,20}\s?\()/i,
  ],
  [
    "code/node-run",
    8,
    "process!",
    /process(?:\.(?:mainModule|binding\(|env\.\w{0,20}(?:KEY|SECRET|TOKEN))|\[["']mainModule)|(?<=global\.)process\b/i,
  ],
  ["code/node-run", 8, "function!", /Function\s?\(\s?["'`]return\b(?!\s{1,3}this["'`;])/],
  [
    "code/endless-loop",
    7,
    "while!",
    /while\s?\(\s?(?:!{1,2}\s?(?:''|""|``|\[|!|null|undefined|false|[-+]?0|NaN)|[-+]?Infinity|[-+~]\d|(?:String|Number|Boolean|Object|Array|Function|Date|Math|JSON)\s?\))/,
  ],
  ["code/perl-interpolation", 8, "@{", /@\{\s?\[[^\]\n@]{1,120}(?:\]|$)/],
  ["code/ruby-run", 7, "process! kernel! io!", /(?<=^|\W)(?:Process|Kernel|IO)\.(?:spawn|exec|system|popen|fork)\s?\(/],
  ["code/ruby-run", 8, "open!", /(?<=^|\W)open\(\s?["']\s?\|/],
  ["code/ruby-run", 7, "%x", /%x[({]\w/],
];
