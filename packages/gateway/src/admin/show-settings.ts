import { originOf, type ValueSource } from "../config/loader/source-files.ts";
import { redactConfig } from "../config/redact-config.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { settings } from "../config/settings/schema.ts";
import { valueAt } from "../config/settings/value-at.ts";

/** The configuration in force without secrets, and where each value comes from. */
export interface ShownSettings {
  /** The files that were read. */
  readonly files: readonly string[];
  readonly settings: Readonly<Record<string, { readonly value: unknown; readonly source: ValueSource }>>;
}

export function showSettings(config: GatewayConfig): ShownSettings {
  const { files, values } = originOf(config);
  const redacted = redactConfig(config);
  const fallback: ValueSource = values === undefined ? "program" : "default";
  const shown = settings.map(({ key }) => [key, { value: valueAt(redacted, key), source: values?.get(key) ?? fallback }] as const);
  return { files: files.map(({ path }) => path), settings: Object.fromEntries(shown) };
}
