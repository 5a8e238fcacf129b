import { recogniseAcrossCopies } from "@aivillage/middleware";

/** Faults in the configuration, all of them at once, each with its remedy. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly string[];

  static {
    recogniseAcrossCopies(this, "@aivillage/gateway.ConfigError");
  }

  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length} ${faults.length === 1 ? "fault" : "faults"}:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`,
    );
    this.faults = faults;
  }
}
