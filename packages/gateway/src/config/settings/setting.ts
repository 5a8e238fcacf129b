import type { FormatName } from "./formats.ts";

/** One setting as the schema has it: environment variable, format, default and description. */
export function setting<T>(env: string, format: FormatName, fallback: T, doc: string, { sensitive = false } = {}) {
  return { env, format, default: fallback, doc, sensitive };
}

/** A setting that only the YAML file can give, since a variable holds no list of mappings. */
export function fileSetting<T>(format: FormatName, fallback: T, doc: string) {
  return { format, default: fallback, doc, sensitive: false };
}
