import type { Signature } from "./triggers.ts";

const operators =
  "ne|eq|gte?|lte?|in|nin|or|and|not|nor|exists|type|regex|where|expr|function|mod|all|size|elemmatch|options?|comment|text|jsonschema|near|slice|accumulator|set|unset|inc|push|pull|rename|func|lookup|out|merge";

const secrets = "pass password passwd passcode pwd pin token secret hash key otp code";

/** Operators of document databases in texts that are put into a query (CWE-943). */
export const documentQueryForms: readonly Signature[] = [
  // In a list of parameters, the brackets make the operator a key.
  ["nosql/operator", 8, "$A", new RegExp(`(?<=\\[["']?)\\$(?:${operators})["']?\\s{0,8}\\]`, "i")],
  // At the start of a text, or where a string is left: `', $or: [`.
  [
    "nosql/operator",
    7,
    "$A",
    new RegExp(`(?<=^.{0,3}|['"],?\\s{0,3}[{[,'"\\s(]["']?)(?<=^|[[{,'"\\s(]["']?)\\$(?:${operators})["']?\\s{0,8}[:=]`, "i"),
  ],
  ["nosql/operator", 7, "$A", new RegExp(`(?<=[?!.]\\s{1,3}["'{[ ]{1,4})\\$(?:${operators})["']?\\s{0,8}[:=]`, "i")],
  ["nosql/operator", 5, "$A", new RegExp(`(?<=(?:^|[[{,'"\\s(])["']?)\\$(?:${operators})["']?\\s{0,8}[:=\\]]`, "i")],
  // A secret is compared for equality; any other comparison guesses it.
  [
    "nosql/guessed-secret",
    8,
    secrets,
    /(?<=^|\W)(?:pass(?:word|wd|code)?|pwd|pin|token|secret|hash|key|otp|code)["']?\s{0,4}:\s{0,4}(?:\{\s{0,4}["']?\$(?:ne|gte?|lte?|n?in|not|regex|exists|type|where)\b|\/(?:[.^]|[^/\s]{1,20}\/[gimsuy]{0,6}\s{0,3}[,}]))/i,
  ],
  // `$gt: ""`, `$nin: []`, `$ne: null`, `$regex: /.*/`: true for whatever is stored.
  [
    "nosql/always-true-operator",
    8,
    "$n $N $g $G $l $L $i $I $r $R $' $\"",
    /\$["']?(?:ne|gte?|not|n?in|regex)["']?\s{0,4}:\s{0,4}(?:["']{1,2}\s{0,2}[},]|\[\s{0,2}\]|null|undefined|-1\b|["'/](?:\.\*|\^?\.?\*?\$?)["'/])/i,
  ],
  // One of the alternatives holds for every document: `{}`, `{ a: /.*/ }`, `{ 1: 1 }`.
  [
    "nosql/always-true-operator",
    8,
    "$o $O",
    /\$or["']?\s{0,4}:\s{0,4}\[(?:\s{0,4}\{[^{}\n]{0,80}\}\s{0,4},){0,4}\s{0,4}\{\s{0,4}(?:\}|["']?(\w{1,20})["']?\s{0,4}:\s{0,4}(?:["']?\1["']?|\/\.\*\/)\s{0,4}\})/i,
  ],
  [
    "nosql/script-operator",
    8,
    "$w $W $f $F $a $e $E",
    /\$(?:where|function|accumulator|expr)["']?\s{0,4}:\s{0,4}(?:["'`]?\s{0,4}(?:function\b|return\b|this\.|sleep\(|while\b|\d\s?==?)|["'][^"'\n]{0,60}["']\s{0,3}[+>]|\w{1,20}\s{0,3}==)|\$where all\b/i,
  ],
  ["nosql/script-operator", 8, "mapreduce!", /mapReduce\s?\(\s{0,4}function\b/i],
  ["nosql/array-break", 8, "$A", /(?<=["']\s{0,4}\}\s{0,4}\]\s{0,4},\s{0,4})\$\w/],
  ["nosql/script-statement", 8, "return", /(?<=;\s{0,4})return(?:\s{1,4}(?:true|1)\s{0,4};|\s?\(\s?db\.)/i],
  // The string at the end is closed by the function around.
  ["nosql/script-statement", 8, "return", /return\s{1,4}(?:true|false|1|!0)\s?;[\s}]{0,4}var\s\w{1,20}\s?=\s?["'][^"'\n]{0,20}\s*$/],
  ["nosql/script-statement", 7, "return", /(?<=;\s{0,4})return\s{1,4}this\.\w/],
  ["nosql/script-statement", 8, "var", /var\s\w{1,20}\s?=\s?new\sDate\(\)\s?;\s{0,3}(?:var\s\w{1,20}\s?=\s?null\s?;\s{0,3})?do\s?\{/i],
  ["nosql/script-statement", 8, "while", /while\s?\(\s?(?:true|1)\s?\)\s?;\s{0,3}var\s/i],
  ["nosql/database-call", 7, "db!", /db\.(?:injection\.insert|getCollectionNames\(\)|dropDatabase\(\)|\w{1,30}\.drop\(\))/],
];
