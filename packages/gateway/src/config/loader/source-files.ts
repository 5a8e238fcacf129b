import type { FileSnapshot } from "@aivillage/middleware";

import type { GatewayConfig } from "../settings/gateway-config.ts";

/** A file that settings were read from. */
export interface SourceFile {
  readonly path: string;
  /** Begins sentences about it, such as `The configuration file` or `API_KEY_FILE`. */
  readonly what: string;
  readonly holdsSecrets: boolean;
}

/** Where the value of a setting comes from; `program` for a configuration that a program made. */
export type ValueSource = "default" | "file" | "environment" | "command line" | "program";

/** Where a configuration comes from. */
export interface Origin {
  readonly files: readonly SourceFile[];
  /** What they held when it was loaded: later changes are compared with it. */
  readonly snapshot?: FileSnapshot;
  /** Where the values of settings come from that are not the defaults, by key. */
  readonly values?: ReadonlyMap<string, ValueSource>;
  /** What the keys file held, where another process has read it before. */
  readonly keys?: FileSnapshot;
}

const origins = new WeakMap<GatewayConfig, Origin>();

/** For a configuration that a program made there are no files. */
export function originOf(config: GatewayConfig): Origin {
  return origins.get(config) ?? { files: [] };
}

export function setOrigin(config: GatewayConfig, origin: Origin): void {
  origins.set(config, origin);
}

/** A copy that nobody else can change, from the same files. */
export function copyConfig(config: GatewayConfig): GatewayConfig {
  const copy = structuredClone(config);
  setOrigin(copy, originOf(config));
  return copy;
}
