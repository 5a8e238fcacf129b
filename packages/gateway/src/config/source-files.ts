import type { GatewayConfig } from "./gateway-config.ts";

/** A file that settings were read from. */
export interface SourceFile {
  readonly path: string;
  /** Begins sentences about it, such as `The configuration file` or `API_KEY_FILE`. */
  readonly what: string;
  readonly holdsSecrets: boolean;
}

const sources = new WeakMap<GatewayConfig, readonly SourceFile[]>();

/** The files that a configuration was loaded from; none for one that a program made. */
export function sourcesOf(config: GatewayConfig): readonly SourceFile[] {
  return sources.get(config) ?? [];
}

export function setSources(config: GatewayConfig, files: readonly SourceFile[]): void {
  sources.set(config, files);
}
