import { optionError, readServiceUrl, unknownOption } from "@aivillage/middleware";

import { packageName } from "./package-name.ts";

/** The address of one replica. */
export interface ReplicaUrl {
  /** As it appears in events: scheme and authority, or the Unix socket. */
  readonly name: string;
  /** Scheme and authority, in the form that undici expects. */
  readonly origin: string;
  /** Prefix of every path: empty, or begins with a slash and does not end with one. */
  readonly basePath: string;
  /** Path of a Unix socket, if it is one. */
  readonly socketPath: string | undefined;
  /** Share of the requests; `undefined` if none was given. */
  readonly weight: number | undefined;
}

const maxWeight = 1_000_000;

export function readReplicas(at: string, url: unknown): readonly ReplicaUrl[] {
  if (!Array.isArray(url)) return [readReplica(at, url)];
  if (url.length === 0) throw optionError(packageName, at, "a URL or a non-empty array of URLs", url);
  return url.map((entry: unknown, index) => readEntry(`${at}[${index}]`, entry));
}

function readEntry(at: string, entry: unknown): ReplicaUrl {
  if (typeof entry !== "object" || entry === null) return readReplica(at, entry);
  const { url, weight, ...others } = entry as Record<string, unknown>;
  const unknownName = Object.keys(others)[0];
  if (unknownName !== undefined) throw unknownOption(packageName, unknownName, ["url", "weight"], `${at}.`);
  const isWeight = Number.isInteger(weight) && Number(weight) >= 0 && Number(weight) <= maxWeight;
  if (weight !== undefined && !isWeight) throw optionError(packageName, `${at}.weight`, `an integer from 0 to ${maxWeight}`, weight);
  return { ...readReplica(`${at}.url`, url), weight: weight === undefined ? undefined : Number(weight) };
}

export function readReplica(at: string, given: unknown): ReplicaUrl {
  const { origin, socketPath, basePath } = readServiceUrl(packageName, at, given);
  return { name: origin, origin: socketPath === undefined ? origin : "http://localhost", basePath, socketPath, weight: undefined };
}
