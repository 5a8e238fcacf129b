import { existsSync } from "node:fs";
import { extname } from "node:path";

import { readYamlFile } from "./yaml-file.ts";

/**
 * The configuration files in the order in which they count: the one that was named, then the one beside it for this environment,
 * such as `gateway.production.yaml` for `gateway.yaml`, if there is one.
 *
 * @throws ConfigError when the first cannot be read
 */
export function configFiles(path: string | undefined, environment: string | undefined): string[] {
  if (path === undefined) return [];
  const overlay = overlayPath(
    path,
    foldEnvironment(environment ?? environmentOf(readYamlFile(path, "The configuration file")) ?? "development"),
  );
  return existsSync(overlay) ? [path, overlay] : [path];
}

/** `Production ` and `production` are one environment: they must not differ in what is checked, or which file counts. */
export function foldEnvironment(name: string): string {
  return name.trim().toLowerCase();
}

/** Where the settings of one environment stand. */
export function overlayPath(path: string, environment: string): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}.${environment}${extension}`;
}

function environmentOf(document: unknown): string | undefined {
  const value: unknown = (document as { environment?: unknown } | null)?.environment;
  return typeof value === "string" ? value : undefined;
}
