/** Types that are accepted unless the options say otherwise: documents, data and images that AI services read. */
export const defaultTypes: readonly string[] = [
  "application/pdf",
  "application/json",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  "image/gif",
  "image/jpeg",
  "image/png",
  "image/webp",
  "text/csv",
  "text/markdown",
  "text/plain",
];

/** Names that browsers, systems and detectors use for one and the same type. */
const aliases = new Map([
  ["application/csv", "text/csv"],
  ["application/javascript", "text/javascript"],
  ["application/jsonl", "application/x-ndjson"],
  ["application/msword", "application/x-cfb"],
  ["application/vnd.ms-powerpoint", "application/x-cfb"],
  ["application/x-gzip", "application/gzip"],
  ["application/x-javascript", "text/javascript"],
  ["application/x-pdf", "application/pdf"],
  ["application/x-yaml", "application/yaml"],
  ["application/x-zip-compressed", "application/zip"],
  ["audio/mp3", "audio/mpeg"],
  ["audio/wave", "audio/wav"],
  ["audio/x-wav", "audio/wav"],
  ["image/apng", "image/png"],
  ["image/jpg", "image/jpeg"],
  ["image/pjpeg", "image/jpeg"],
  ["image/x-png", "image/png"],
  ["text/comma-separated-values", "text/csv"],
  ["text/json", "application/json"],
  ["text/rtf", "application/rtf"],
  ["text/x-csv", "text/csv"],
  ["text/x-markdown", "text/markdown"],
  ["text/xml", "application/xml"],
  ["text/yaml", "application/yaml"],
]);

/** The one name of a type, without parameters. */
export function canonicalType(type: string): string {
  const [bare = type] = type.toLowerCase().split(";", 1);
  return aliases.get(bare.trim()) ?? bare.trim();
}

const textApplications = new Set([
  "application/json",
  "application/sql",
  "application/toml",
  "application/x-bat",
  "application/x-httpd-php",
  "application/x-ndjson",
  "application/xml",
  "application/yaml",
]);

/** Whether files of this type are text without their own signature. */
export function isTextType(type: string): boolean {
  return type.startsWith("text/") || /\+(json|xml|yaml)$/.test(type) || textApplications.has(type);
}

export function isXmlType(type: string): boolean {
  return type === "application/xml" || type.endsWith("+xml");
}

/** Text that browsers, servers or desktops run: it never counts as plain text under such a name. */
const activeTypes = new Set([
  "application/x-bat",
  "application/x-httpd-php",
  "application/xhtml+xml",
  "application/xml",
  "image/svg+xml",
  "text/html",
  "text/javascript",
]);

export function isActiveType(type: string): boolean {
  return activeTypes.has(type);
}
