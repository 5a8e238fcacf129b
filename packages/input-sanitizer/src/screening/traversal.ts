import { type Hit, Hits } from "./finding.ts";
import { includesAny } from "./rule-table.ts";

/** Files and folders that an attacker reads first. Slashes are normalised before the search. */
const targets = [
  "etc/passwd",
  "etc/shadow",
  "etc/hosts",
  "etc/group",
  "etc/issue",
  "etc/master.passwd",
  "boot.ini",
  "win.ini",
  "system.ini",
  "windows/system32",
  "windows/win.ini",
  "apache/logs",
  "/etc/passwd",
  ".env",
  "winnt/",
  "system32/",
  "proc/self",
  "proc/version",
  "var/log",
  "web-inf",
  "web.config",
  ".htaccess",
  ".htpasswd",
  ".ssh/",
  "id_rsa",
  ".git/",
  "bin/id",
  "cmd.exe",
  "logs/",
  "log/",
  "usr/bin",
];

/**
 * Finds paths that leave their folder (CWE-22).
 *
 * Slashes of all kinds are made one, then the steps upwards are counted; two steps in code are an import, three or a step to a
 * file worth stealing are an attack, and so is every step that was written in an encoding.
 */
export function recogniseTraversal(text: string): Hit[] {
  const hits = new Hits();
  const path = normalise(text);
  findSteps(path, hits);
  findEncodedSteps(text, hits);
  findTargets(path, hits);
  return hits.list();
}

/** Same length as the text: every backslash becomes a slash, all lower case. */
function normalise(text: string): string {
  return text.replaceAll("\\", "/").toLowerCase();
}

function findSteps(path: string, hits: Hits): void {
  let steps = 0;
  let first = 0;
  let last = -100;
  for (let at = path.indexOf(".."); at !== -1; at = path.indexOf("..", at)) {
    let end = at;
    while (path.charCodeAt(end) === 0x2e) end += 1;
    if (!hits.spend(at)) break;
    const isStep = end - at <= 4 && (path.charAt(end) === "/" || path.charAt(at - 1) === "/");
    if (isStep) {
      if (at - last > 8) {
        steps = 0;
        first = at;
      }
      steps += 1;
      last = end;
      judgeSteps(path, first, end, steps, hits);
    }
    at = end;
  }
  const still = path.indexOf("/./././.");
  if (still !== -1) hits.add("idle-steps", 8, still, still + 8);
  if (/^\/?\.{0,2}\/{2,}\.\.|\.\.\/{2,}\.\./.test(path)) hits.add("step-up", 7, 0, 8);
}

function judgeSteps(path: string, first: number, end: number, steps: number, hits: Hits): void {
  const rest = path.slice(end, end + 60).replace(/^\/+/, "");
  const sensitive = targets.some((target) => rest.startsWith(target)) || rest.includes("\0") || rest.includes("%00");
  const startsText = first <= 1;
  const score = sensitive || steps >= 4 ? 9 : steps >= 3 ? 7 : startsText && steps >= 2 ? 6 : 5;
  hits.add("step-up", score, first, end);
}

/** A step whose dots or slash are escaped: no author of a path writes it so. */
function findEncodedSteps(text: string, hits: Hits): void {
  const found =
    /(?:%(?:25)?2e|%c0%[a2]e|%u?(?:ff0e|002e)|0x2e|\.){2}(?:%(?:25)*(?:2f|5c)|%c[01]%|%u(?:2215|2216|002f|005c)|0x2f|0x5c)|(?:%(?:25)*2e){2}|%%32|%(?:25)*c[01]%(?:25)*(?:ae|af|9c|2e|2f|5c)|(?:0x2e){2}|\.\.(?:2f|5c|%[0-9a-f]{2})|\?\.(?:%5c|\/)|%e0%80%a[ef]|%uff0e|%f[08]%80%80|\.\.%u[0-9a-f]{4}|%c[01][.%][%0-9a-z]{0,2}\w?%?c?[01]?%?\w{0,2}(?:etc|windows|%c[01])|\.{5}\/\/|\.\.\.\\\.\.\./i.exec(
      text,
    );
  if (found !== null) hits.add("encoded-step", 8, found.index, found.index + found[0].length);
}

const hints = ["etc/", ".ini", "windows/", "proc/", "%00", "\0"];

/** Sensitive files by themselves: a question may name them, a file name may not. */
function findTargets(path: string, hits: Hits): void {
  if (!includesAny(path, hints)) return;
  const sensitive =
    /(?:^|[/=:"'\s])(?:etc\/(?:passwd|shadow|master\.passwd)|(?:c:\/?)?(?:boot|win)\.ini|windows\/(?:system32|win\.ini)|proc\/self\/)/.exec(
      path,
    );
  if (sensitive !== null)
    hits.add(
      "sensitive-file",
      /file:\/\//.test(path.slice(Math.max(0, sensitive.index - 12), sensitive.index + 1)) ? 7 : 5,
      sensitive.index,
      sensitive.index + sensitive[0].length,
    );
  const cut = /(?:\.\w{2,5}|etc\/\w+|\.\.)(?:%00|\0)/.exec(path);
  if (cut !== null) hits.add("cut-by-nul", 8, cut.index, cut.index + cut[0].length);
}
