import { optionError } from "./option-error.ts";

/** Where a service listens, and under which path. */
export interface ServiceUrl {
  /** Scheme and authority, such as `http://10.0.0.1:8002`, or `unix:` and the path of the socket. */
  readonly origin: string;
  /** Path of a Unix socket, if it is one. */
  readonly socketPath: string | undefined;
  /** Prefix of every path: empty, or begins with a slash and does not end with one. */
  readonly basePath: string;
}

/** The socket ends at the first colon, which may be followed by a base path. `unix://run/app.sock` would be the host `run`. */
const unixSocket = /^unix:(?:\/\/)?(\/(?!\/)[^:?#]+)(?::(\/[^:?#]*))?$/;

/**
 * Reads the URL of a service: `http:` or `https:` without credentials, query and fragment, or `unix:/run/app.sock` for a Unix socket, with
 * an optional base path after a colon.
 *
 * @returns `undefined` for anything else, and for `http://unix:/…`, which other software writes for a Unix socket and which names a host here
 */
export function parseServiceUrl(text: string): ServiceUrl | undefined {
  const [, socketPath, path = ""] = unixSocket.exec(text) ?? [];
  if (socketPath !== undefined) return { origin: `unix:${socketPath}`, socketPath, basePath: withoutSlash(path) };
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === "unix") return undefined;
  // A `?` or `#` with nothing after it counts too: a path is put after it.
  if (url.username !== "" || url.password !== "" || /[?#]/.test(text)) return undefined;
  return { origin: url.origin, socketPath: undefined, basePath: withoutSlash(url.pathname) };
}

/**
 * Reads the URL of a service from an option, as `parseServiceUrl()` does.
 *
 * @throws OptionError for anything else, without the credentials in it
 */
export function readServiceUrl(packageName: string, optionName: string, given: unknown): ServiceUrl {
  const text = typeof given === "string" ? given : "";
  const read = parseServiceUrl(text);
  if (read !== undefined) return read;
  const isOtherSocket = URL.parse(text)?.hostname === "unix";
  const expected = isOtherSocket
    ? "`unix:/path/of/a/socket` for a Unix socket"
    : "an http: or https: URL without credentials, query or fragment, or `unix:/path/of/a/socket`";
  throw optionError(packageName, optionName, expected, given);
}

/** Whether it is the URL of an outbound proxy: `http:` or `https:` without a path, with credentials or without. */
export function isProxyUrl(value: unknown): boolean {
  const url = typeof value === "string" ? URL.parse(value) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search === "" && url.hash === "";
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, "");
}
