import { FileSnapshot, settledSnapshot } from "@aivillage/middleware";

import { assertConfig } from "../config/check-config.ts";
import { keepFixed } from "../config/keep-fixed.ts";
import type { ConfigSources } from "../config/load-config.ts";
import { ConfigError } from "../config/loader/config-error.ts";
import { originOf } from "../config/loader/source-files.ts";
import { readAgain } from "../config/read-again.ts";
import { isProduction } from "../config/settings/environment-name.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";
import { makeApiKeyRings, type RingLease } from "../state/api-key-rings.ts";
import { RecentReloads, type ReloadResult } from "../state/recent-reloads.ts";
import type { PrimaryConfig } from "./hand-over.ts";
import type { Reloadable } from "./reload-on-change.ts";

/** The configuration that a primary gives its workers. It follows its files and the keys file under the same rules as they do. */
export class ConfigInForce implements Reloadable, PrimaryConfig {
  readonly logger: GatewayLogger;
  readonly #rings = makeApiKeyRings();
  #config: GatewayConfig;
  #lease: RingLease;
  readonly #reloads = new RecentReloads();

  constructor(config: GatewayConfig, logger: GatewayLogger) {
    this.logger = logger;
    this.#config = config;
    this.#lease = this.#rings.of(config);
  }

  get config(): GatewayConfig {
    return this.#config;
  }

  get keys(): FileSnapshot | undefined {
    return this.#rings.inForce(this.#config.auth.apiKeysFile);
  }

  get reloads(): readonly ReloadResult[] {
    return this.#reloads.all;
  }

  /** Its workers count theirs. */
  reloaded(result: ReloadResult): void {
    this.#reloads.add(result);
  }

  /** Takes the configuration whose schemas are compiled already. */
  async reloadInTurns(requested: GatewayConfig): Promise<string[]> {
    const { config, needRestart } = keepFixed(this.#config, requested);
    assertConfig(config);
    this.#use(config);
    return needRestart;
  }

  /**
   * Takes what the files say for workers that start from now on, with the settings that need a new process.
   *
   * @returns the function that takes it back; `undefined` when the files are refused, which is logged
   */
  async renew(sources: ConfigSources): Promise<(() => void) | undefined> {
    const before = this.#config;
    try {
      this.#use(await this.#readForRestart(sources));
      return () => this.#use(before);
    } catch (error) {
      const problems = error instanceof ConfigError ? error.problems : [(error as Error).message];
      this.logger.error({ reason: "SIGUSR2", problems }, "configuration reload failed; keeping the previous one");
      return undefined;
    }
  }

  async #readForRestart(sources: ConfigSources): Promise<GatewayConfig> {
    const inForce = originOf(this.#config).snapshot ?? new FileSnapshot();
    const found = await settledSnapshot(inForce);
    if (found === undefined) throw new ConfigError(["the configuration files change all the time: send SIGUSR2 when they hold still"]);
    const requested = await readAgain({ sources, inForce, found, isConfirmed: false });
    const { environment, server } = this.#config;
    if (isProduction(environment) && !isProduction(requested.environment)) {
      throw new ConfigError([
        `\`environment\` cannot change from ${environment} to ${requested.environment} while the gateway runs: start it again`,
      ]);
    }
    // The primary itself goes on, and with it the number of its workers.
    requested.server.workers = server.workers;
    assertConfig(requested);
    return requested;
  }

  #use(config: GatewayConfig): void {
    const lease = this.#rings.of(config);
    this.#lease.release();
    this.#lease = lease;
    this.#config = config;
  }
}
