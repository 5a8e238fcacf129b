import { isIPv4 } from "node:net";
import { hostname, networkInterfaces } from "node:os";

import { addressList, canonicalAddress } from "@aivillage/middleware";

import type { GatewayConfig } from "../settings/gateway-config.ts";

const metadataNames =
  /^(metadata\.google\.internal|metadata\.goog|metadata\.azure\.(com|internal)|instance-data\.ec2\.internal|metadata\.tencentyun\.com|metadata\.packet\.net)$/;
/** What the search domains of Google and AWS complete to such a name. They serve port 80 alone, so another port is that of a service. */
const shortMetadataNames = /^(metadata|instance-data)$/;
/** A public name service such as nip.io resolves every name that holds an address to it. */
const metadataInName = /(^|[.-])(169[.-]254[.-]\d{1,3}[.-]\d{1,3}|100[.-]100[.-]100[.-]200|a9fea9fe)[.-]/;

/**
 * Where clouds serve credentials to the machines they run: link-local addresses (AWS, Azure, Google, DigitalOcean, OpenStack and most
 * others; RFC 3927, RFC 4291) and the fixed ones of AWS, Google, Oracle, Alibaba and Azure.
 */
const isMetadataAddress = addressList("@aivillage/gateway", "metadata", [
  "linklocal",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "fd00:ec2::254",
  "fd00:ec2::23",
  "fd20:ce::254",
]);

/** A URL that the gateway asks, with the setting that names it. */
interface Named {
  readonly setting: string;
  readonly url: URL;
}

/** Every URL that the gateway asks for itself or for a client, apart from Redis. */
export function askedUrls(config: GatewayConfig): readonly Named[] {
  const url = URL.parse(config.auth.jwt.jwksUrl);
  return [...upstreams(config), ...(url === null ? [] : [{ setting: "JWT_JWKS_URL", url }])];
}

/** Every upstream URL with the setting that names it. */
export function upstreams({ services, routes }: GatewayConfig): readonly Named[] {
  const named: [string, readonly string[]][] = [
    ["TWIN_URL", services.twin],
    ["AGENT_CONTROLLER_URL", services.agentController],
    ["KNOWLEDGE_SYSTEM_URL", services.knowledgeSystem],
    ...routes.map(({ path, upstream = [], fallback = [] }, index): [string, readonly string[]] => [
      `\`routes\`[${index}] ${path} \`upstream\``,
      [...upstream, ...fallback.flatMap((each) => each.upstream)],
    ]),
  ];
  return named.flatMap(([setting, urls]) =>
    urls.flatMap((text) => {
      const url = URL.parse(text);
      // A Unix socket has no host.
      return url === null || url.protocol === "unix:" ? [] : [{ setting, url }];
    }),
  );
}

/** Whether a request to it reaches the metadata service of a cloud. `URL` has already read decimal, octal and hex spellings. */
export function isMetadata(url: URL): boolean {
  const host = hostOf(url);
  if (canonicalAddress(host) !== undefined) return isMetadataAddress(host);
  return metadataNames.test(host) || metadataInName.test(`${host}.`) || (url.port === "" && shortMetadataNames.test(host));
}

/** Whether a request to it comes back to this gateway. Names other than those of this machine are not resolved. */
export function isSelf(url: URL, { host, port }: GatewayConfig["server"]): boolean {
  if (port === 0 || Number(url.port || (url.protocol === "https:" ? 443 : 80)) !== port) return false;
  const target = hostOf(url);
  if (isUnspecified(host)) return isThisMachine(target) || target === hostname().toLowerCase() || ownAddresses().includes(target);
  // A listener on 127.0.0.1 is not the one on 127.0.0.2.
  return target === host.toLowerCase() || (isLoopback(host) && isThisMachine(target) && !/^127\.(?!0\.0\.1$)/.test(target));
}

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  return /^(.+\.)?localhost$/i.test(host) || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

/** Whether a connection to it ends on this machine: to `0.0.0.0` and `::` it does too. */
export function isThisMachine(host: string): boolean {
  return isLoopback(host) || isUnspecified(host);
}

function isUnspecified(host: string): boolean {
  return ["", "0.0.0.0", "::", "::0"].includes(host);
}

/** Empty where the system does not list them, such as in a service without `AF_NETLINK`. */
function ownAddresses(): string[] {
  try {
    return Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address));
  } catch {
    return [];
  }
}

/** Without brackets and the final dot; an IPv4 address that IPv6 carries, mapped or translated (RFC 6052, 2.1), as IPv4. */
export function hostOf(url: URL): string {
  const host = url.hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
  const [, translated] = /^64:ff9b::([\da-f]{1,4}:[\da-f]{1,4})$/.exec(host) ?? [];
  return canonicalAddress(translated === undefined ? host : `0:0:0:0:0:ffff:${translated}`) ?? host;
}
