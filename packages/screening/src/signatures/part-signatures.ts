import type { EvidenceSet } from "../evidence-set.ts";
import type { AttackClass } from "../finding.ts";
import { isWideSign } from "../text/scripts.ts";
import { followsBlankLine, isSpaceCode, startsSentence } from "../text/sentence-boundaries.ts";
import { Trait } from "../text/trait.ts";
import { phpRuns } from "./php-signatures.ts";
import { notSpoken } from "./spoken-call.ts";

const maxPart = 200;

/** A signature that is an attack when nothing stands around it but, before it, a whole sentence: then it is no example in one. */
interface PartSignature {
  readonly class: AttackClass;
  readonly rule: string;
  readonly needs: number;
  /** It has to be the whole text. */
  readonly alone?: true;
  readonly pattern: RegExp;
}

const functions =
  `${phpRuns}|base64_decode|unserialize|get_defined_\\w{1,12}|curl_\\w{1,12}|strrev|gzinflate|str_rot13|file_\\w{1,12}|readfile|highlight_file|show_source|var_dump|` +
  "scandir|copy|chmod|unlink|file|fwrite|str_repeat|getenv|ini_(?:get|set)|pcntl_\\w{1,12}|move_uploaded_file|fopen|(?:include|require)_once|die|print_r|array_map|chr|glob|mail|putenv|symlink";
const hosts = "localhost|127\\.\\d|0\\.0\\.0\\.0|\\[[\\da-f]{0,4}:|10\\.\\d|192\\.168\\.|172\\.(?:1[6-9]|2\\d|3[01])\\.|0(?:[/:]|$)";

/** Where the server of a developer listens, who pastes its address; the ports of stores and of administration are none of them. */
const ownServer = "https?://localhost:(?:300\\d|4200|4321|5000|517\\d|800\\d)(?:[/?#]|$)";

const code = { class: "code", rule: "bare-code", needs: Trait.codeWord | Trait.scriptWord | Trait.dollar | Trait.call } as const;
const address = { class: "ssrf", rule: "bare-address", needs: Trait.addressWord | Trait.backslash, alone: true } as const;
const commands = "ping|tail|grep|head|find|echo|id|whoami|sleep|curl|wget|cat|ls|nc|uname|nslookup|dig|env|ifconfig|netstat";

const signatures: readonly PartSignature[] = [
  {
    ...code,
    pattern: new RegExp(`^${notSpoken}@?(?:(?:echo|print|return)\\s{1,3}@?)?(?:${functions})\\s{0,8}\\((?:[^]{0,120}[)\\];'"(])?$`, "i"),
  },
  {
    ...code,
    pattern: new RegExp(
      `^${notSpoken}[;)}\\]-]{0,4}(?:alert|confirm|prompt|eval|fetch|setTimeout|setInterval|Function|atob|import|write)\\s{0,3}[(\`][^\\n]{0,120}$`,
    ),
  },
  { ...code, pattern: /^(?:\(?(?:top|window|self|parent|globalThis|document|location|this)\)?\s{0,3}(?:\.|\[)[^\n]{0,120}[)=`;'"])$/ },
  { ...code, pattern: /^(?:while|for)\s?\(\s?(?:1|true|;;)\s?\)\s?[;{]?/ },
  { ...code, pattern: /^(?:process|global|module)\s?[.[]\s?[^\n]{0,120}[)=\]a-z]$/i },
  { ...code, pattern: /^(?:\[php\]|<\?(?:php|=)?\s)/i },
  { ...code, pattern: /^\$\w{1,20}\s{0,3}(?:\(|->\$\w{1,20}\(|=\s?["'$]|\[["']?\w{0,12}["']?\]\s?[([])/ },
  {
    ...address,
    pattern: new RegExp(`^(?!${ownServer})(?:\\w{1,20}=)?(?:https?|ftp|ws):[/\\\\]{0,3}(?:[^\\s/@]{1,40}@)?(?:${hosts})\\S*$`, "i"),
  },
  { ...address, pattern: /^\\\\[\w.-]{2,60}\\\w/ },
  { ...address, pattern: /^(?:\w{1,20}=)?(?:file|smb|sftp|tftp):\/\/?\S+$/i },
  {
    class: "cmdi",
    rule: "substitution",
    needs: Trait.backtick,
    pattern: new RegExp(`^\`\\s?(?:\\/[\\w./-]{2,60}|(?:${commands})\\b)[^\`\\n]{0,100}\`$`),
  },
  {
    class: "cmdi",
    rule: "chained-command",
    needs: Trait.backslash,
    pattern: new RegExp(`^\\\\n(?:/[\\w/]{1,24}/)?(?:${commands})(?:$|[\\s;|\\\\])`),
  },
  { ...address, pattern: /^(?:\w{1,20}=)?(?:https?|ftps?):\/\/\S{3,120}(?:\?|%00)$/i },
  { ...address, pattern: /^\w{1,20}=(?:https?|ftps?):\/\/\S{1,120}\.(?:php\d?|txt|inc|aspx?|jsp)$/i },
  { ...address, pattern: /^ftp:\/\/[^\s/@]{1,40}@\S+$/i },
  { ...code, pattern: /^(?:import\s+)?(?:os|subprocess|pty|commands)\.(?:system|popen|spawn|check_output|run|call|getoutput|Popen)\s?\(/ },
  // Whatever is called, the rest of the script is commented away after it, or the string goes on.
  {
    class: "xss",
    rule: "script-break-out",
    needs: Trait.call,
    pattern: /^["'`][)}\]]{0,3}\s?[;+*,-]\s?[\w$.]{2,40}\([^()\n]{0,60}\)\s?(?:;?\s?\/\/|[-+*;,]\s?["'`])/,
  },
  {
    class: "ssti",
    rule: "bare-expression",
    needs: Trait.brace | Trait.dollar | Trait.percent,
    pattern: /^(?:\{\{=?[^{}\n]{1,80}\}\}|[$#*~%]\{\{?[^{}\n]{1,80}\}{1,2}|<%=[^%\n]{1,80}%>|\[\[\$\{[^{}\n]{1,80}\}\]\])$/,
  },
];
const needsAny = signatures.reduce((all, { needs }) => all | needs, 0);

/** Looks at the parts that the last characters of a text may be: all of it when that is short, and what is after each of its sentences. */
export function findPartSignatures(text: string, traits: number, evidence: EvidenceSet): void {
  if ((traits & needsAny) === 0) return;
  const end = text.trimEnd().length;
  for (let at = Math.max(0, end - maxPart); at < end; at += 1) {
    if (mayStartPart(text, at) && startsSentence(text, at) && !followsBlankLine(text, at)) judgePart(text, at, end, traits, evidence);
  }
}

/** What is no start of a word, or is one space after another word, is seen at once. */
function mayStartPart(text: string, at: number): boolean {
  if (text.charCodeAt(at) <= 0x20) return false;
  const before = text.charCodeAt(at - 1);
  if (at > 0 && !isSpaceCode(before)) return isWideSign(before);
  return at < 2 || !isWord(text.charCodeAt(at - 2));
}

function isWord(unit: number): boolean {
  const lower = unit | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === 0x2c;
}

function judgePart(text: string, start: number, end: number, traits: number, evidence: EvidenceSet): void {
  const part = text.slice(start, end);
  for (const { class: attackClass, rule, needs, alone, pattern } of signatures) {
    if ((traits & needs) !== 0 && (start === 0 || alone !== true) && pattern.test(part)) evidence.add(attackClass, rule, 7, start, end);
  }
}
