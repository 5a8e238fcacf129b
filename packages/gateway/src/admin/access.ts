import type { IncomingMessage } from "node:http";

import { requirePrincipal } from "@aivillage/api-key-auth";
import { compose, type FileSnapshot, type Handler } from "@aivillage/middleware";

import { adminScope } from "../config/rules/admin-rules.ts";
import { hostOf, isLoopback } from "../config/rules/upstream-hosts.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { identify } from "../pipeline/identify.ts";
import { makeApiKeyRings } from "../state/api-key-rings.ts";
import { makeTokenKeys } from "../state/token-keys.ts";
import type { AdminSource } from "./admin-source.ts";

/** Who may do what at the admin listener. */
export interface AdminAccess {
  /** Reading is open on a Unix socket and on loopback; elsewhere it needs what changes need. */
  readonly read: Handler;
  /** Every change needs a key or token that names the scope `admin`. */
  readonly change: Handler;
  /** What the keys file held when it was accepted last. */
  keysInForce(): FileSnapshot | undefined;
  close(): void;
}

interface Made {
  readonly config: GatewayConfig;
  readonly demand: Handler;
  release(): void;
}

/** Judges by the configuration and the keys in force at each request. */
export function adminAccess(source: Pick<AdminSource, "config">): AdminAccess {
  const rings = makeApiKeyRings();
  const tokenKeys = makeTokenKeys();
  let made = make(source.config);

  function make(config: GatewayConfig): Made {
    const lease = rings.of(config);
    const issuerKeys = tokenKeys.of(config.auth);
    void issuerKeys?.ready();
    const demand = compose(identify(config, { ring: lease.ring, issuerKeys }), requirePrincipal({ scopes: [adminScope], byName: true }));
    return { config, demand, release: () => lease.release() };
  }

  const change: Handler = (req, res, next) => {
    if (made.config !== source.config) {
      const previous = made;
      made = make(source.config);
      previous.release();
    }
    made.demand(req, res, next);
  };
  const read: Handler = (req, res, next) => {
    if (isOpenTo(req, source.config)) next();
    else change(req, res, next);
  };
  const close = (): void => {
    made.release();
    tokenKeys.close();
  };
  return { read, change, keysInForce: () => rings.inForce(source.config.auth.apiKeysFile), close };
}

/**
 * Whether anyone who gets here may read. A page in a browser on this machine gets here too, if its host name resolves to loopback: the name
 * in `Host` gives it away.
 */
function isOpenTo({ headers }: IncomingMessage, { admin }: GatewayConfig): boolean {
  if (admin.socket !== "") return true;
  const url = URL.parse(`http://${headers.host ?? ""}`);
  return isLoopback(admin.host) && url !== null && isLoopback(hostOf(url));
}
