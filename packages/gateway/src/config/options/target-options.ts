import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { type DownstreamProxyOptions, proxyFromEnvironment, type TargetOptions } from "@aivillage/downstream-proxy";
import { defined } from "@aivillage/middleware";

import { readTargetTls } from "../loader/target-files.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import type { TargetAffinity, TargetConfig } from "../settings/target-config.ts";
import { isSecretLeftOut } from "../settings/token-secrets.ts";

/** What a target of the proxy is made of. */
interface Service {
  readonly name: string;
  readonly urls: readonly string[];
  readonly path?: string;
}

/**
 * A service with its settings as a target of the proxy.
 *
 * @throws ConfigError when a certificate or key cannot be read
 */
export function targetOptions({ name, urls, path }: Service, config: TargetConfig = {}): TargetOptions {
  const { tls, weights, http2, outboundProxy } = config;
  return defined({
    name,
    path,
    http2,
    url: weights === undefined ? urls : urls.map((url, index) => ({ url, weight: weights[index] ?? 1 })),
    tls: tls === undefined ? undefined : readTargetTls(tls),
    outboundProxy: outboundProxyOf(urls, outboundProxy),
  });
}

/** The URL of the outbound proxy for a service; `undefined` for none. */
export function outboundProxyOf(urls: readonly string[], setting: TargetConfig["outboundProxy"]): string | undefined {
  return setting === "environment" ? proxyFromEnvironment(urls[0] ?? "", process.env) : setting;
}

/** The settings of a service that hold for the whole proxy. */
export function connectionOptions({ connections = {}, ...config }: TargetConfig = {}): Partial<DownstreamProxyOptions> {
  const { max, maxAgeSeconds, maxRequests, idleSeconds } = connections;
  return defined({
    connections: max,
    maxConnectionAgeMs: toMs(maxAgeSeconds),
    maxRequestsPerConnection: maxRequests,
    keepAliveMs: toMs(idleSeconds),
    maxHeaderBytes: config.maxHeaderBytes,
    rewriteLocation: config.rewriteLocation,
    rewriteCookies: config.rewriteCookies,
  });
}

function toMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1_000);
}

/** How requests of one session are recognised, as options of the proxy. */
export function affinityOptions(
  affinity: TargetAffinity | undefined,
  auth: GatewayConfig["auth"],
  clientOf: (req: IncomingMessage) => string | undefined,
): Pick<DownstreamProxyOptions, "affinity" | "sessionCookie"> {
  if (affinity === undefined) return {};
  if (affinity === "client") return { affinity: clientOf };
  if ("header" in affinity) {
    const name = affinity.header.toLowerCase();
    return { affinity: ({ headers }) => headers[name]?.toString() };
  }
  const { cookie } = affinity;
  if (typeof cookie === "string") return { affinity: ({ headers }) => cookieOf(headers.cookie, cookie) };
  const { insert: _insert, ...options } = cookie;
  return { sessionCookie: { ...options, secret: cookieSecret(auth) } };
}

/** Every process of the gateway has it, and it is public only where all keys of the gateway are. */
function cookieSecret(auth: GatewayConfig["auth"]): string {
  const secret = isSecretLeftOut(auth) ? auth.apiKey : auth.secretKey;
  return createHmac("sha256", secret).update("aivillage-gateway session cookies").digest("base64url");
}

function cookieOf(cookies: string | undefined, name: string): string | undefined {
  const pair = cookies?.split(";").find((each) => each.trimStart().startsWith(`${name}=`));
  return pair?.slice(pair.indexOf("=") + 1);
}
