import { optionError, unknownOption } from "@aivillage/middleware";

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

const expected = "an http: or https: URL without credentials, query or fragment, or `unix:/path/of/a/socket`";

/** The socket ends at the first colon, which may be followed by a base path. `unix://run/app.sock` would be the host `run`. */
const unixSocket = /^unix:(?:\/\/)?(\/(?!\/)[^:?#]+)(?::(\/[^:?#]*))?$/;

export function readReplica(at: string, given: unknown): ReplicaUrl {
  const [, socketPath, path = ""] = unixSocket.exec(String(given)) ?? [];
  if (socketPath !== undefined) {
    return { name: `unix:${socketPath}`, origin: "http://localhost", basePath: withoutSlash(path), socketPath, weight: undefined };
  }
  const url = typeof given === "string" ? URL.parse(given) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) throw optionError(packageName, at, expected, given);
  // Other software writes Unix sockets like this. As a URL it names a host, which cannot be reached.
  if (url.hostname === "unix") throw optionError(packageName, at, "`unix:/path/of/a/socket` for a Unix socket", given);
  // Not shown: the message would contain the password.
  if (url.username !== "" || url.password !== "") throw optionError(packageName, at, expected, "a URL with credentials");
  if (url.search !== "" || url.hash !== "") throw optionError(packageName, at, expected, given);
  return { name: url.origin, origin: url.origin, basePath: withoutSlash(url.pathname), socketPath: undefined, weight: undefined };
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, "");
}
