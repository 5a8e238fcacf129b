import { identityToken } from "@aivillage/api-key-auth";
import { FileSnapshot, followFiles, isValidHeader, optionReason } from "@aivillage/middleware";

import { ConfigError } from "../config/loader/config-error.ts";
import { readSecret, routeSecretFiles } from "../config/loader/header-values.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";
import type { NoteSource } from "./note-source.ts";

/** The files with values of headers, as they are at any time. */
export interface SecretFiles {
  /** The text of a file, without white space around it. */
  textOf(path: string): string;
  close(): void;
}

/** Where changes of the files are reported. */
interface Reporting {
  readonly logger: GatewayLogger;
  readonly noteSource: NoteSource;
}

const everyMs = 500;

/**
 * Follows the secret files of the routes. A file that becomes unreadable or empty, no header value or no key that can sign changes nothing,
 * and is logged.
 */
export function followSecretFiles(config: GatewayConfig, { logger, noteSource }: Reporting): SecretFiles {
  const paths = routeSecretFiles(config).map(({ path }) => path);
  if (paths.length === 0) {
    // A file of the configuration before may have been refused.
    noteSource("secrets", false);
    return { textOf: () => "", close: () => undefined };
  }
  let snapshot = FileSnapshot.of(paths);
  const signing = new Set(config.routes.flatMap(({ identity }) => (typeof identity === "object" ? [identity.keyFile] : [])));
  const readAll = (files: FileSnapshot): ReadonlyMap<string, string> =>
    new Map(paths.map((path) => [path, (signing.has(path) ? signingKey : headerValue)(path, readSecret(path, files))]));
  let texts = readAll(snapshot);
  noteSource("secrets", false);
  const followed = followFiles({
    everyMs,
    inForce: () => snapshot,
    apply: (found) => {
      texts = readAll(found);
      snapshot = found;
      noteSource("secrets", false);
      logger.info({ files: paths }, "secret files read again");
    },
    onRefused: (error) => {
      noteSource("secrets", true);
      logger.error({ reason: reasonOf(error) }, "invalid secret file; keeping the previous values");
    },
  });
  return { textOf: (path) => texts.get(path) ?? "", close: followed.close };
}

function headerValue(path: string, text: string): string {
  if (isValidHeader("authorization", text)) return text;
  throw new Error(`the file ${path} has characters that no header can hold`);
}

function signingKey(path: string, text: string): string {
  try {
    identityToken({ key: text, issuer: "aivillage-gateway", audience: "any" });
  } catch (error) {
    throw new Error(`the file ${path} holds no key that can sign: ${optionReason(error)}`, { cause: error });
  }
  return text;
}

function reasonOf(error: Error): string {
  return error instanceof ConfigError ? error.problems.join("; ") : error.message;
}
