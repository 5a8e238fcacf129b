import { recogniseAcrossCopies } from "@aivillage/middleware";

import { docsPage } from "../settings/docs-page.ts";

/** Every problem of a configuration, each with its remedy, and where the settings are described. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  static {
    recogniseAcrossCopies(this, "@aivillage/gateway.ConfigError");
  }

  constructor(problems: readonly string[]) {
    const count = `${problems.length} ${problems.length === 1 ? "problem" : "problems"}`;
    super(
      [`The configuration has ${count}:`, ...problems.map((problem) => `  - ${problem}`), `See ${docsPage("configuration.md")}`].join("\n"),
    );
    this.problems = problems;
  }
}
