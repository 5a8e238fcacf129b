import { stringify } from "yaml";

import { docsPage } from "./docs-page.ts";
import { type Setting, settings } from "./schema.ts";

/** What most gateways set. The rest is written as comments with its defaults. */
const essential = [
  "server.port",
  "services.twin",
  "services.agentController",
  "services.knowledgeSystem",
  "rateLimit.requests",
  "rateLimit.windowSeconds",
  "log.level",
];

const head = `# Configuration of aivillage-gateway. ${docsPage("configuration.md")} describes every setting.
# Environment variables win over this file. Remove the # before a key and before the keys above it to set it.
# yaml-language-server: $schema=${docsPage("configuration.schema.json").replace("/blob/", "/raw/")}
`;

/** A configuration file with every setting, its description and its default: the start of an operator's own. */
export function annotatedConfig(): string {
  return head + linesBelow("", 0).join("\n") + "\n";
}

/** The settings and groups below a key such as `server.`, in the order of the schema. */
function linesBelow(parent: string, depth: number): string[] {
  const inside = settings.filter(({ key }) => key.startsWith(parent));
  const names = [...new Set(inside.map(({ key }) => key.slice(parent.length).split(".", 1)[0] ?? ""))];
  return names.flatMap((name) => {
    const setting = settings.find(({ key }) => key === parent + name);
    return setting === undefined ? groupLines(parent + name, name, depth) : settingLines(setting, name, depth);
  });
}

function groupLines(key: string, name: string, depth: number): string[] {
  const isSet = essential.some((each) => each.startsWith(`${key}.`));
  return [...(depth === 0 ? [""] : []), `${indent(depth)}${isSet ? "" : "#"}${name}:`, ...linesBelow(`${key}.`, depth + 1)];
}

/** A secret has no line: it belongs in a variable, or in a file that the variable `X_FILE` names. */
function settingLines({ key, env, doc, sensitive, default: fallback }: Setting, name: string, depth: number): string[] {
  const variable = env === undefined ? "" : sensitive ? ` Set the variable ${env} or ${env}_FILE.` : ` Variable: ${env}`;
  const description = `${depth === 0 ? "\n" : ""}${indent(depth)}# ${doc}.${variable}`;
  if (sensitive) return [description];
  return [description, `${indent(depth)}${essential.includes(key) ? "" : "#"}${name}: ${shown(fallback)}`];
}

const indent = (depth: number): string => "  ".repeat(depth);

/** A value on one line. */
function shown(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : stringify(value).trim();
}
