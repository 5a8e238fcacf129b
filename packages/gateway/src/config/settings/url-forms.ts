import { isIP } from "node:net";

import { parseServiceUrl } from "@aivillage/middleware";

/** One label of a host name, in any script. Containers have names with `_`. */
const label = String.raw`[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_-]{0,61}[\p{L}\p{M}\p{N}_])?`;
const hostName = new RegExp(String.raw`^${label}(?:\.${label})*\.?$`, "u");

/** Whether it can be an IP address or the name of a host. A name that ends in a number is an IPv4 address, or none. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || (text.length <= 253 && hostName.test(text) && URL.canParse(`http://${text}`));
}

/** Whether a service can be reached by it. A `?` or `#` with nothing after it counts too: a path may be put after it. */
export function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" && !/[?#]/.test(text);
}

/** Whether messages can be posted to it. Receivers often have a query. */
export function isWebhookUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

/** Whether a route can have it as a replica of its service: a URL, or a Unix socket with a base path after a colon. */
export function isUpstream(text: string): boolean {
  return parseServiceUrl(text) !== undefined;
}

/** Whether a browser can send it as `Origin`, which is compared letter by letter; or `*` for all. */
export function isOrigin(text: string): boolean {
  return text === "*" || (isHttpUrl(text) && !text.includes("*") && URL.parse(text)?.origin === text);
}

/** Whether it stands for all origins below a domain of two labels or more, such as `https://*.app.example` or `http://*.localhost:3000`. */
export function isOriginPattern(text: string): boolean {
  const [, scheme = "", rest = ""] = /^(https?:\/\/)\*\.([^*]+)$/.exec(text) ?? [];
  const isDomain = /\.[a-z]/.test(rest) || /^localhost(:|$)/.test(rest);
  return rest !== "" && isDomain && isOrigin(scheme + rest);
}

/** Whether it names a host and, if anything, the number of a database. */
export function isRedisUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^rediss?:$/.test(url.protocol) && url.hostname !== "" && /^\/?\d{0,9}$/.test(url.pathname);
}
