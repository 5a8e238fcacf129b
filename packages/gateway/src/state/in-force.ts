import { assertConfig } from "../config/check-config.ts";
import { keepFixed } from "../config/keep-fixed.ts";
import { copyConfig } from "../config/loader/source-files.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { atOnce, inTurns, type Steps } from "../steps.ts";

interface Closeable {
  close(): Promise<void>;
}

/** A configuration, and what was made from it; a reload replaces both. */
export class InForce<T extends Closeable> {
  readonly #make: (config: GatewayConfig) => Steps<T>;
  readonly #closing = new Set<Promise<void>>();
  #config: GatewayConfig;
  #made: T;
  #isClosed = false;

  /** @param make makes it from a configuration that was checked and that nobody can change any more */
  constructor(config: GatewayConfig, make: (config: GatewayConfig) => Steps<T>) {
    this.#make = make;
    // The caller may change its object later, and what is in force would change without a check.
    this.#config = deepFreeze(copyConfig(config));
    this.#made = atOnce(make(this.#config));
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
  replace(requested: GatewayConfig): string[] {
    const { config, needRestart } = this.#check(requested);
    this.#use(config, atOnce(this.#make(config)));
    return needRestart;
  }

  /** Does the same in turns, so that requests are served by the old one meanwhile. Not twice at the same time. */
  async replaceInTurns(requested: GatewayConfig): Promise<string[]> {
    const { config, needRestart } = this.#check(requested);
    this.#use(config, await inTurns(this.#make(config)));
    return needRestart;
  }

  #check(requested: GatewayConfig): ReturnType<typeof keepFixed> {
    const kept = keepFixed(this.#config, requested);
    assertConfig(kept.config);
    return kept;
  }

  #use(config: GatewayConfig, made: T): void {
    // What was made for a gateway that was closed meanwhile serves no request.
    const old = this.#isClosed ? made : this.#made;
    if (!this.#isClosed) [this.#made, this.#config] = [made, deepFreeze(config)];
    const closed = old.close().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#made.close(), ...this.#closing]);
  }
}

/** Makes a tree of objects and arrays unchangeable, and returns it. */
function deepFreeze<T extends object>(tree: T): T {
  for (const child of Object.values(tree)) if (typeof child === "object" && child !== null) deepFreeze(child);
  return Object.freeze(tree);
}
