import { type HealthCascade, serviceStatusChanged, type ServiceStatusChanged } from "@aivillage/health-cascade";

import type { Proxies } from "./breaker-states.ts";

/** The cascade and the proxies of the configuration in force. */
export class ServicesInForce {
  #proxies: Proxies = [];
  #health: HealthCascade | undefined;
  #isProbing = false;

  get proxies(): Proxies {
    return this.#proxies;
  }

  /** Closes the previous cascade. Streams may go on by the previous configuration for hours; its probes need not. */
  use(cascade: HealthCascade, proxies: Proxies): void {
    if (this.#isProbing) cascade.start();
    if (this.#health !== cascade) this.#health?.close();
    this.#health = cascade;
    this.#proxies = proxies;
  }

  /** Starts the probes of the cascade in force, and of all that follow. */
  startProbes(): void {
    this.#isProbing = true;
    this.#health?.start();
  }

  /** A scrape is the first that asks where nobody started the gateway's probes. */
  healthForScrape(): HealthCascade | undefined {
    this.startProbes();
    return this.#health;
  }

  /** Receives what the cascade in force reports. @returns ends it */
  subscribe(listener: (message: ServiceStatusChanged) => void): () => void {
    return serviceStatusChanged.subscribe((message) => {
      if (message.source === this.#health) listener(message);
    });
  }
}
