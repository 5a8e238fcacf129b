import type { IncomingMessage } from "node:http";

import { originForm, requestPath } from "@aivillage/middleware";

/**
 * The path of a request below the console, without leading slash; `undefined` for a path elsewhere. The console itself is `""` without a
 * slash at the end, which relative links need, and `"/"` with one.
 *
 * @param mount where the console is, if the host leaves that in `req.url`
 */
export function ownPath(req: IncomingMessage, mount: string | undefined): string | undefined {
  const whole = requestPath(req);
  if (mount === undefined) {
    const [path = "/"] = originForm(req.url ?? "/").split(/[?#]/);
    if (path === "/" || path === "") return whole.endsWith("/") ? "/" : "";
    return path.slice(1);
  }
  if (whole === mount) return "";
  if (!whole.startsWith(`${mount}/`)) return undefined;
  return whole.slice(mount.length + 1) || "/";
}
