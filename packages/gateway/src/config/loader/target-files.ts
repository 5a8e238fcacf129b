import { readFileSync } from "node:fs";

import { defined } from "@aivillage/middleware";

import type { GatewayConfig } from "../settings/gateway-config.ts";
import type { TargetConfig, TargetTls } from "../settings/target-config.ts";
import { ConfigError } from "./config-error.ts";
import type { SourceFile } from "./source-files.ts";

/** The settings of every service that has some, with the place where they stand. */
function targetsOf({ targets, routes }: GatewayConfig): readonly (readonly [place: string, target: TargetConfig])[] {
  const ofServices = targets.map((target, index) => [`\`targets\`[${index}] ${target.service}`, target] as const);
  const ofRoutes = routes.map(({ path, target }, index) => [`\`routes\`[${index}] ${path} \`target\``, target] as const);
  return [...ofServices, ...ofRoutes].flatMap(([place, target]) => (target === undefined ? [] : [[place, target] as const]));
}

/** The certificates and keys that the configuration names. */
export function certificateFiles(config: GatewayConfig): SourceFile[] {
  return targetsOf(config).flatMap(([place, { tls = {} }]) =>
    (["caFile", "certFile", "keyFile"] as const).flatMap((key) => {
      const path = tls[key];
      return path === undefined ? [] : [{ path, what: `${place} \`tls.${key}\``, holdsSecrets: key === "keyFile" }];
    }),
  );
}

/** What the files hold, for proxies and probes. */
interface LoadedTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
}

/** @throws ConfigError when a file cannot be read */
export function readTargetTls({ caFile, certFile, keyFile, serverName }: TargetTls): LoadedTls {
  return defined({ ca: readPem(caFile), cert: readPem(certFile), key: readPem(keyFile), serverName });
}

function readPem(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([`${path} cannot be read (${code}): check that it exists and that this user may read it`]);
  }
}
