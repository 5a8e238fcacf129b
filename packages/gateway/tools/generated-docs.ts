import { readFileSync } from "node:fs";

import { configSchema } from "../src/config/settings/json-schema.ts";
import { type Setting, settings } from "../src/config/settings/schema.ts";
import { headersPage } from "./headers-page.ts";

/** The files that are made from the settings and from the tables of headers, by their path below the root of the repository. */
export function generatedDocs(configurationPage: string): Readonly<Record<string, string>> {
  return {
    "docs/configuration.md": withTable(configurationPage),
    "docs/configuration.schema.json": `${JSON.stringify(configSchema(), null, 2)}\n`,
    "docs/headers.md": headersPage(),
    ".env.example": envExample(),
    "examples/deploy/kubernetes/components/prometheus-operator/prometheus-rule.yaml": prometheusRule(),
  };
}

/** The alerts as the Prometheus operator takes them. */
function prometheusRule(): string {
  const alerts = readFileSync(new URL("../../../examples/observability/alerts.yml", import.meta.url), "utf8");
  const head = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: gateway\nspec:\n";
  return `# Made of ../../../../observability/alerts.yml by \`pnpm docs:write\`.\n${head}${alerts.replaceAll(/^(?=.)/gm, "  ")}`;
}

/** The page with a new table of settings. */
function withTable(page: string): string {
  const rows = settings.map((setting) => [
    setting.env === undefined ? "only in the file" : `\`${setting.env}\``,
    `\`${setting.key}\``,
    shownDefault(setting) === "" ? "none" : `\`${shownDefault(setting)}\``,
    setting.doc,
  ]);
  const table = alignTable([["Variable", "YAML key", "Default", "Meaning"], ...rows]);
  return page.replace(/^\| Variable +\| YAML key [^]*?\n(?=\n)/m, () => table);
}

function alignTable([head = [], ...rows]: string[][]): string {
  const widths = head.map((_cell, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)));
  const line = (cells: readonly string[], fill: string): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(" | ")} |\n`;
  const rule = line(
    head.map(() => ""),
    "-",
  );
  return line(head, " ") + rule + rows.map((row) => line(row, " ")).join("");
}

function shownDefault({ default: fallback }: Setting): string {
  return Array.isArray(fallback) ? fallback.join(",") : String(fallback);
}

function envExample(): string {
  const lines = settings.flatMap((setting) => (setting.env === undefined ? [] : [`\n# ${setting.doc}.\n${variableLine(setting)}\n`]));
  return `# Settings of the gateway by environment variable; docs/configuration.md describes their forms.\n${lines.join("")}`;
}

/** Secrets are left empty, so that a copy of the file cannot run with a key that everybody knows. */
function variableLine(setting: Setting): string {
  return setting.sensitive ? `# ${setting.env}=` : `# ${setting.env}=${shownDefault(setting)}`;
}
