import { type Form, formRecogniser } from "./rule-table.ts";
import { partRecogniser } from "./whole-part.ts";

/** Functions of PHP that run something. */
const runs =
  "system|exec|passthru|shell_exec|popen|proc_open|eval|assert|create_function|call_user_func|phpinfo|preg_replace|assert_options";

const forms: readonly Form[] = [
  [
    "java-class",
    5,
    /\b(?:java\.(?:io|lang|net|util|nio|rmi|beans)\.[A-Z]|java\.lang\.reflect|javax\.(?:script|naming|management)|org\.apache\.(?:commons|catalina|struts)|com\.(?:opensymphony\.xwork|sun\.(?:org|rowset|jndi))|org\.(?:omg\.corba|springframework\.(?:context|expression)))/i,
    ["java.", "javax.", "org.", "com."],
  ],
  [
    "java-gadget",
    5,
    /\b(?:runtime|processbuilder|java)\.{1,2}\w{0,24}\.?(?:closure|transformer|factory|processbuilder|runtime)\b|\bprocessbuilder\.evil/i,
    ["runtime.", "processbuilder.", "java."],
  ],
  [
    "java-run",
    8,
    /getruntime\s?\(\s?\)\s?\.\s?exec|new\s+(?:java\.lang\.)?processbuilder\s?\(\s?(?:new\s+(?:java\.lang\.)?string|["'{])|\$\{[^}$]{0,60}jndi\s?:|#_memberaccess|@java\.lang\.\w+@|%\{\(?#|class\.module\.classloader/i,
    ["getruntime", "processbuilder", "jndi", "_memberaccess", "@java", "%{", "classloader"],
  ],
  [
    "serialised-java",
    8,
    /\brO0AB[QXA-Z0-9]|\b(?:KztAAU|Cs7QAF)|\\xac\\xed\\x00\\x05|\xac\xed|\baced0005/,
    ["ro0ab", "aau", "7qaf", "\\xac", "\u00ac", "aced"],
  ],
  ["serialised-php", 8, /\b[OC]:\d{1,4}:\\?"[\w\\]{1,80}\\?":\d{1,4}:\{/, [":{"]],
  [
    "php-wrapper",
    8,
    /\bphp:\/\/(?:filter|input|stdin|memory|temp|fd|output)|\b(?:expect|phar|zip|compress\.(?:zlib|bzip2)|glob|ogg|rar|ssh2(?:\.\w{1,8})?):\/\/|\bdata:[a-z/]{0,20};base64,(?:PD9|SSB)/i,
    ["://", "base64,"],
  ],
  [
    "variable-function",
    8,
    new RegExp(`[(\\[{]\\s?["']?(?:${runs})["']?\\s?[)\\]}](?:\\[\\w{1,4}\\])?[)}]{0,2}\\s?\\(`, "i"),
    ["system", "exec", "passthru", "open", "eval", "assert", "function", "call_user", "phpinfo", "preg_"],
  ],
  [
    "variable-function",
    8,
    /\(\w{1,12}\.\(\w{1,12}\)\.?\w{0,12}\)\s?\(|["']\s?\.\s?["']\w{1,12}["']\s?\(|\}\[@?\w{1,8}\]\(|\)\s?\{\[\w{1,20}\]\[\d\]\}|\$\{[$_.]\W?[^}{$]{0,40}\}\s?\(\d|\$\w{1,20}\(\d{1,3}\)\.\$\w{1,20}\(|\$\s\{'/,
    [".(", "'(", '"(', "](", "{[", "}", "$"],
  ],
  [
    "hidden-call",
    8,
    new RegExp(`\\b(?:${runs})\\s{0,8}(?:/\\*[^*]{0,60}\\*/|[#][^\\n]{0,40}\\n|//[^\\n]{0,40}\\n)\\s{0,8}\\(|\\beval\\r\\(`, "i"),
    ["*/", "#", "//", "eval\r"],
  ],
  [
    "php-function",
    5,
    /\b(?:base64_decode|unserialize|get_defined_(?:vars|functions|constants)|curl_init|strrev|move_uploaded_file|gzinflate|str_rot13|file_(?:get|put)_contents|assert_options)\s?\(/i,
    ["base64_", "unserialize", "get_defined", "curl_", "strrev", "move_up", "gzinf", "rot13", "_contents", "assert_"],
  ],
  ["php-function", 8, /^\s{0,3}(?:base64_decode|unserialize|get_defined_\w{1,12}|curl_init|strrev|assert_options)\s?\(/i],
  ["node-function", 9, /_\$\$ND_FUNC\$\$_/, ["nd_func"]],
  [
    "node-run",
    8,
    /\brequire\s?\(\s?["'`]child_process["'`]\s?\)\s?\.\s?(?:exec|spawn|fork)|process\.(?:mainModule|binding\(|env\.\w{0,20}(?:KEY|SECRET|TOKEN))|process\[["']mainModule|global\.process\b/i,
    ["child_process", "process"],
  ],
  [
    "php-request",
    8,
    new RegExp(
      `\\b(?:${runs}|include|require|readfile|file_get_contents)(?:_once)?\\s?\\(?\\s?@?\\$_(?:GET|POST|REQUEST|COOKIE|SERVER)\\b`,
      "i",
    ),
    ["$_"],
  ],
  ["php-request", 5, /\$(?:_(?:GET|POST|REQUEST|COOKIE|SERVER|FILES|SESSION)|GLOBALS)\s?\[/, ["$_", "$globals"]],
  [
    "node-run",
    8,
    /\brequire\s?\(\s?["'`](?:child_process|fs|net|vm|os)["'`]\s?\)\s?\.\s?\w{1,20}\s?\(|\bFunction\s?\(\s?["'`]return\b/,
    ["("],
  ],
  ["endless-loop", 7, /\bwhile\s?\(\s?!\s?(?:''|""|``|\[|!)/, ["while"]],
  ["perl-interpolation", 8, /@\{\s?\[[^\]\n@]{1,120}(?:\]|$)/, ["@{"]],
  ["ruby-run", 7, /\b(?:Process|Kernel|IO)\.(?:spawn|exec|system|popen|fork)\s?\(|%x[({]\w/, ["process.", "kernel.", "io.", "%x"]],
];

const functions =
  `${runs}|base64_decode|unserialize|get_defined_\\w{1,12}|curl_\\w{1,12}|strrev|gzinflate|str_rot13|file_\\w{1,12}|readfile|highlight_file|show_source|var_dump|` +
  "scandir|getenv|ini_(?:get|set)|pcntl_\\w{1,12}|move_uploaded_file|fopen|(?:include|require)_once|die|print_r|array_map|chr|glob|mail|putenv|symlink";

/** A text that is nothing but a call or a statement of a programming language. */
export const recogniseBareCode = partRecogniser("bare-code", [
  new RegExp(`^@?(?:${functions})\\s{0,8}\\((?:[^\\n]{0,120}[)\\];'"(])?$`, "i"),
  /^(?:alert|confirm|prompt|eval|fetch|setTimeout|setInterval|Function|atob|import|write)\s{0,3}[(`][^\n]{0,120}$/,
  /^(?:\(?(?:top|window|self|parent|globalThis|document|location|this)\)?\s{0,3}(?:\.|\[)[^\n]{0,120}[)=`;'"])$/,
  /^(?:while|for)\s?\(\s?(?:1|true|;;)\s?\)\s?[;{]?/,
  /^(?:process|global|module)\s?[.[]\s?[^\n]{0,120}[)=\]a-z]$/i,
  /^(?:\[php\]|<\?(?:php|=)?\s)/i,
  /^\$\w{1,20}\s{0,3}(?:\(|=\s?["'$]|\[["']?\w{0,12}["']?\]\s?[([])/,
]);

/** Finds code of a programming language that an interpreter behind the field would run (CWE-94), and objects that it would revive (CWE-502). */
export const recogniseCode = formRecogniser(forms);
