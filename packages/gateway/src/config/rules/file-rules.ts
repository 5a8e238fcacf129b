import { hash } from "node:crypto";

import type { KeyEntry } from "@aivillage/api-key-auth/keys-file";
import { fileAccess, isOutOfReach, openFolderOf } from "@aivillage/middleware";

import { readFileEntries } from "../loader/api-keys-file.ts";
import { routeSecretFiles } from "../loader/header-values.ts";
import { originOf, type SourceFile } from "../loader/source-files.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import { newKey } from "./key-rules.ts";
import { isPublishedDigest } from "./published-keys.ts";

/** What signs the tokens that are accepted. */
type SigningSecrets = Pick<GatewayConfig["auth"], "secretKey" | "secretKeyPrevious">;

/** Files that group or others may write or replace. Anyone who can decides who gets in. */
export function writableFileProblems(config: GatewayConfig): string[] {
  return filesOf(config).flatMap(writableProblem);
}

function writableProblem({ what, path }: SourceFile): string[] {
  const access = fileAccess(path);
  if (access?.othersWrite === true) {
    return [`${what} ${path} may be written by others in production (mode ${access.mode}): run chmod go-w ${path}`];
  }
  const folder = openFolderOf(path);
  return folder === undefined ? [] : [`${what} ${path} may be replaced by others in production: run chmod go-w ${folder}`];
}

/** Files with secrets or digests that everybody on the machine may read, and gets to. */
export function readableFileProblems(config: GatewayConfig): string[] {
  return filesOf(config).flatMap(({ what, path, holdsSecrets }) => {
    const access = holdsSecrets ? fileAccess(path) : undefined;
    if (access?.everybodyReads !== true || isOutOfReach(path)) return [];
    return [`${what} ${path} may be read by everybody (mode ${access.mode}): run chmod o-r ${path}`];
  });
}

/** Entries that let in anyone who has read the documentation, or that make a secret that signs tokens a key. */
export function publishedDigestProblems({ auth }: GatewayConfig): string[] {
  return digestProblems(auth.apiKeysFile, auth, validEntries(auth.apiKeysFile));
}

/** What production refuses in a keys file that changed while it is followed. */
export function keysFileProblems(path: string, secrets: SigningSecrets, entries: readonly KeyEntry[]): string[] {
  return [...writableProblem(keysFile(path)), ...digestProblems(path, secrets, entries)];
}

function digestProblems(path: string, { secretKey, secretKeyPrevious }: SigningSecrets, entries: readonly KeyEntry[]): string[] {
  const secrets = new Map([
    [hash("sha256", secretKeyPrevious), "SECRET_KEY_PREVIOUS"],
    [hash("sha256", secretKey), "SECRET_KEY"],
  ]);
  return entries.flatMap(({ sha256, revoked }, index) => {
    if (revoked === true) return [];
    const place = `keys[${index}] in ${path}`;
    if (isPublishedDigest(sha256)) return [`${place} is the digest of a published key in production: remove it and run \`keys create\``];
    const name = secrets.get(sha256.toLowerCase());
    return name === undefined ? [] : [`${place} is the digest of ${name} in production: ${newKey} for ${name}`];
  });
}

/** The entries of the keys file; none if it is not valid, which is reported elsewhere. */
export function validEntries(path: string): KeyEntry[] {
  try {
    return readFileEntries(path);
  } catch {
    return [];
  }
}

function filesOf(config: GatewayConfig): SourceFile[] {
  const { apiKeysFile, jwt } = config.auth;
  const { secretFile } = config.budgets.webhook;
  return [
    ...originOf(config).files,
    ...routeSecretFiles(config),
    ...(secretFile === "" ? [] : [{ path: secretFile, what: "The file of BUDGET_WEBHOOK_SECRET_FILE", holdsSecrets: true }]),
    ...(apiKeysFile === "" ? [] : [keysFile(apiKeysFile)]),
    // Its keys are public.
    ...(jwt.jwksFile === "" ? [] : [{ path: jwt.jwksFile, what: "The file of JWT_JWKS_FILE", holdsSecrets: false }]),
  ];
}

function keysFile(path: string): SourceFile {
  return { path, what: "The keys file", holdsSecrets: true };
}
