import { assertConfig } from "../config/check-config.ts";
import { deepFreeze } from "../config/deep-freeze.ts";
import { keepFixed } from "../config/keep-fixed.ts";
import { copyConfig } from "../config/loader/source-files.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";

interface Closeable {
  close(): Promise<void>;
}

/** A configuration, and what was made from it; a reload replaces both. */
export class InForce<T extends Closeable> {
  readonly #make: (config: GatewayConfig) => T;
  readonly #closing = new Set<Promise<void>>();
  #config: GatewayConfig;
  #made: T;

  /** @param make makes it from a configuration that was checked and that nobody can change any more */
  constructor(config: GatewayConfig, make: (config: GatewayConfig) => T) {
    this.#make = make;
    // The caller may change its object later, and what is in force would change without a check.
    this.#config = deepFreeze(copyConfig(config));
    this.#made = make(this.#config);
  }

  get config(): GatewayConfig {
    return this.#config;
  }

  get made(): T {
    return this.#made;
  }

  /**
   * Replaces both; what was made before is closed.
   *
   * @returns the settings that differ and need a restart; they stay as they were
   * @throws ConfigError, and nothing has changed then
   */
  replace(wanted: GatewayConfig): string[] {
    const { config, needRestart } = keepFixed(this.#config, wanted);
    assertConfig(config);
    const old = this.#made;
    this.#made = this.#make(config);
    this.#config = deepFreeze(config);
    const closed = old.close().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
    return needRestart;
  }

  async close(): Promise<void> {
    await Promise.all([this.#made.close(), ...this.#closing]);
  }
}
