import { recogniseAcrossCopies } from "@aivillage/middleware";

import { docsPage } from "../settings/docs-page.ts";

/** Every problem of a configuration, each with its remedy, and where the settings are described. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly string[];

  static {
    recogniseAcrossCopies(this, "@aivillage/gateway.ConfigError");
  }

  constructor(faults: readonly string[]) {
    const count = `${faults.length} ${faults.length === 1 ? "problem" : "problems"}`;
    super([`The configuration has ${count}:`, ...faults.map((fault) => `  - ${fault}`), `See ${docsPage("configuration.md")}`].join("\n"));
    this.faults = faults;
  }
}
