import { activeExtensions } from "./active-extensions.ts";

/** What the usual extensions claim. Others claim nothing. */
const claimed: readonly (readonly [extension: string, type: string])[] = [
  ["css", "text/css"],
  ["csv", "text/csv"],
  ["doc", "application/x-cfb"],
  ["docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
  ["gif", "image/gif"],
  ["gz", "application/gzip"],
  ["jar", "application/java-archive"],
  ["jpeg", "image/jpeg"],
  ["jpg", "image/jpeg"],
  ["json", "application/json"],
  ["jsonl", "application/x-ndjson"],
  ["markdown", "text/markdown"],
  ["md", "text/markdown"],
  ["msi", "application/x-cfb"],
  ["ndjson", "application/x-ndjson"],
  ["pdf", "application/pdf"],
  ["png", "image/png"],
  ["ppt", "application/x-cfb"],
  ["pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"],
  ["rtf", "application/rtf"],
  ["toml", "application/toml"],
  ["tsv", "text/tab-separated-values"],
  ["txt", "text/plain"],
  ["webp", "image/webp"],
  ["xls", "application/x-cfb"],
  ["xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
  ["yaml", "application/yaml"],
  ["yml", "application/yaml"],
  ["zip", "application/zip"],
];

const typesByExtension: ReadonlyMap<string, string> = new Map([...claimed, ...activeExtensions]);

/** The type that the extension of a file name claims, if it is a known one. */
export function typeOfName(name: string): string | undefined {
  const dot = name.lastIndexOf(".");
  return dot === -1 ? undefined : typesByExtension.get(name.slice(dot + 1).toLowerCase());
}
