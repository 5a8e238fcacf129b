import { FileSnapshot, followFiles, isValidHeader } from "@aivillage/middleware";

import { ConfigError } from "../config/loader/config-error.ts";
import { readSecret, routeSecretFiles } from "../config/loader/header-values.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";

/** The files with values of headers, as they are at any time. */
export interface SecretFiles {
  /** The text of a file, without white space around it. */
  textOf(path: string): string;
  close(): void;
}

const everyMs = 500;

/** Follows the secret files of the routes. A file that becomes unreadable, empty or no header value changes nothing, and is logged. */
export function followSecretFiles(config: GatewayConfig, logger: GatewayLogger): SecretFiles {
  const paths = routeSecretFiles(config).map(({ path }) => path);
  if (paths.length === 0) return { textOf: () => "", close: () => undefined };
  let snapshot = FileSnapshot.of(paths);
  let texts = readAll(paths, snapshot);
  const followed = followFiles({
    everyMs,
    inForce: () => snapshot,
    apply: (found) => {
      texts = readAll(paths, found);
      snapshot = found;
      logger.info({ files: paths }, "secret files read again");
    },
    onRefused: (error) => logger.error({ reason: reasonOf(error) }, "invalid secret file; keeping the previous values"),
  });
  return { textOf: (path) => texts.get(path) ?? "", close: followed.close };
}

function readAll(paths: readonly string[], files: FileSnapshot): ReadonlyMap<string, string> {
  return new Map(paths.map((path) => [path, checked(path, readSecret(path, files))]));
}

/** A key in PEM has lines and is no header. */
function checked(path: string, text: string): string {
  if (text.includes("-----BEGIN") || isValidHeader("authorization", text)) return text;
  throw new Error(`the file ${path} has characters that no header can hold`);
}

function reasonOf(error: Error): string {
  return error instanceof ConfigError ? error.faults.join("; ") : error.message;
}
