import { fileTypeFromBuffer, supportedMimeTypes } from "file-type";

import { canonicalType, isActiveType, isTextType, isXmlType } from "../media-types.ts";

/** What is known of a file before it is handed on. */
export interface FileEvidence {
  /** The first bytes. */
  head: Buffer;
  /** The Content-Type of its part, `undefined` when there is none. */
  declared: string | undefined;
  /** What the extension of its name claims. */
  named: string | undefined;
}

/** The type of a file, or why it has none that may pass; the reason completes "File 1 …". */
export type TypeDecision = { type: string } | { refusal: string };

/** Said by clients that do not know the type; Windows gives Excel's to CSV files. */
const noClaim = new Set(["application/octet-stream", "binary/octet-stream", "application/vnd.ms-excel"]);

/** Formats that are known by a strong signature although all their bytes may be text. */
const textWithSignature = new Set([
  "application/pdf",
  "application/rtf",
  "application/postscript",
  "application/eps",
  "application/pgp-encrypted",
  "application/xml",
]);

const contradiction = (found: string): TypeDecision => ({
  refusal: `is ${found} by its bytes, which its declared type or the extension of its name contradicts.`,
});

/** A type that only the client says is not repeated to it. */
const notAccepted = (type: string, declared: string | undefined): TypeDecision => ({
  refusal:
    type === declared && !supportedMimeTypes.has(type)
      ? "is declared as a type that is not accepted here."
      : `is ${type}, which is not accepted here.`,
});

/**
 * Decides the type of a file by its first bytes, then holds the claims of the client against it.
 *
 * A signature decides for binary formats. Bytes that are text can only be a text type; which one, the declared type or the
 * extension picks. A short signature on pure text, such as `BM` or `GIF`, is a coincidence and does not count.
 */
export async function detectType(evidence: FileEvidence, allowed: ReadonlySet<string>): Promise<TypeDecision> {
  const found = await signatureOf(evidence.head);
  const claims = { declared: claimOf(evidence.declared), named: evidence.named };
  const isText = looksLikeText(evidence.head);
  const problem = problemOf(evidence.head, found);
  if (problem !== undefined) return { refusal: problem };
  const decision =
    isText && (found === undefined || !textWithSignature.has(found) || isXmlType(found))
      ? textDecision(claims, found, allowed)
      : binaryDecision(claims, found);
  return "type" in decision && !allowed.has(decision.type) ? notAccepted(decision.type, claims.declared) : decision;
}

/**
 * What browsers and servers run wherever they find it; no image needs it. The short marks of server-side scripts count with text after them
 * only, since compressed bytes hold two or three of any kind.
 */
const activeMarkup = new RegExp(
  [
    /<(?:script|iframe|html|!doctype|\?php)/,
    /<(?:svg|math|img|body|object|embed|video|audio|style|link|meta|form|input|details|template)[\s/>]/,
    /<[a-z][\w:-]{0,32}(?=[\s/])[^<>]{0,256}?[\s"'/]on[a-z]{3,32}\s{0,8}=/,
    /<\?=[\t\n\r\x20-\x7e]{5}/,
    /<%[@=!\s][\t\n\r\x20-\x7e]{8}/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "i",
);

/** Why a file is refused whatever its type is called. */
function problemOf(head: Buffer, found: string | undefined): string | undefined {
  const mark = head.length >= 2 ? head.readUInt16BE(0) : 0;
  const mayBeText = found === undefined || isXmlType(found);
  if (mayBeText && (mark === 0xfffe || mark === 0xfeff)) return "is text in UTF-16; send it in UTF-8.";
  const isMedia = found !== undefined && /^(?:image|audio|video)\//.test(found);
  if (isMedia && activeMarkup.test(head.toString("latin1"))) return `is ${found} by its first bytes, but holds HTML, script or PHP.`;
  return undefined;
}

interface Claims {
  declared: string | undefined;
  named: string | undefined;
}

async function signatureOf(head: Buffer): Promise<string | undefined> {
  // Broken files make the detector throw now and then; they have no type.
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  return found && canonicalType(found.mime);
}

function claimOf(declared: string | undefined): string | undefined {
  return declared === undefined || noClaim.has(declared.toLowerCase()) ? undefined : canonicalType(declared);
}

function binaryDecision({ declared, named }: Claims, found: string | undefined): TypeDecision {
  if (found === undefined) return { refusal: "has a type that cannot be detected from its bytes." };
  if ((declared ?? found) !== found || (named ?? found) !== found) return contradiction(found);
  return { type: found };
}

function textDecision({ declared, named }: Claims, found: string | undefined, allowed: ReadonlySet<string>): TypeDecision {
  const isXml = found !== undefined && isXmlType(found);
  const general = isXml ? found : "text/plain";
  const type = declared === undefined || declared === "text/plain" ? typeByName(named, general, allowed) : declared;
  if (!isTextType(type) || (isXml && !isXmlType(type))) return contradiction(general);
  if (named !== undefined && named !== "text/plain" && type !== named && type !== general) return contradiction(general);
  return { type };
}

/** Plain text is the general case of every harmless text type: it stands in for one that is not on the list. */
function typeByName(named: string | undefined, general: string, allowed: ReadonlySet<string>): string {
  if (named === undefined) return general;
  return isTextType(named) && !isActiveType(named) && !allowed.has(named) ? general : named;
}

/** Valid UTF-8, maybe cut within a character, without control characters other than tab, line feed, form feed, return. */
function looksLikeText(head: Buffer): boolean {
  for (const byte of head) {
    if (byte === 0x7f || (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d)) return false;
  }
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
