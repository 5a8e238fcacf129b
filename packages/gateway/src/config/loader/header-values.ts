import type { FileSnapshot } from "@aivillage/middleware";

import { expandRoute } from "../settings/expand-route.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import { type HeaderSource, headerSource } from "../settings/route-headers.ts";
import { ConfigError } from "./config-error.ts";
import { readText } from "./file-text.ts";
import type { SourceFile } from "./source-files.ts";

/**
 * The value of a header as its source gives it.
 *
 * @throws ConfigError for a variable or file that is missing or empty; the value is in no message
 */
export function readHeaderValue({ value, env, file, prefix = "" }: HeaderSource, files: FileSnapshot): string {
  if (value !== undefined) return prefix + value;
  if (env !== undefined) return prefix + variable(env);
  return prefix + readSecret(file ?? "", files);
}

/** The text of a secret file without white space around it. @throws ConfigError for one that cannot be read or is empty */
export function readSecret(path: string, files: FileSnapshot): string {
  const text = readText(files, path, "The file").trim();
  if (text === "") throw new ConfigError([`the file ${path} is empty: write the value into it`]);
  return text;
}

function variable(name: string): string {
  const text = process.env[name]?.trim() ?? "";
  if (text === "") throw new ConfigError([`the variable ${name} is not set: set it to the value`]);
  return text;
}

/** The files with values of headers and keys of identity tokens. */
export function routeSecretFiles({ routes }: Pick<GatewayConfig, "routes">): SourceFile[] {
  const paths = routes.flatMap((route) => {
    const { requestHeaders = {}, fallback = [], identity } = expandRoute(route);
    const files = [
      ...Object.values(requestHeaders).flatMap((rule) => headerSource(rule)?.file ?? []),
      ...fallback.flatMap(({ keyFile }) => keyFile ?? []),
    ];
    return typeof identity === "object" ? [...files, identity.keyFile] : files;
  });
  return [...new Set(paths)].map((path) => ({ path, what: "The secret file", holdsSecrets: true }));
}
