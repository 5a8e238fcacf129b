import type { Server } from "node:http";

import { clientIp } from "@aivillage/client-ip";
import { httpServer, listenOn, recordHeaders } from "@aivillage/http-server";
import { compose, type Handler, toListener } from "@aivillage/middleware";
import { notFound, problemDetails } from "@aivillage/problem-details";
import { getRequestId, requestId } from "@aivillage/request-id";
import { type Methods, router } from "@aivillage/router";
import { securityHeaders } from "@aivillage/security-headers";

import { hasAdmin } from "../config/rules/admin-rules.ts";
import { type AdminAccess, adminAccess } from "./access.ts";
import { adminConsole } from "./admin-console.ts";
import type { AdminSource } from "./admin-source.ts";
import { audit } from "./audit.ts";
import { adminEndpoints } from "./endpoints.ts";

/** The operator's listener. */
export interface AdminListener {
  /** Where it listens: `http://127.0.0.1:9000`, or `unix:/run/aivillage/admin.sock`. */
  readonly url: string;
  close(): Promise<void>;
}

/** One operator, a Prometheus, and a few scripts. */
const maxConnections = 100;

/**
 * Starts the admin listener, if the configuration has one, and logs where it listens.
 *
 * @throws Error with `code` `EADDRINUSE` and the like when its address cannot be had
 */
export async function startAdmin(source: AdminSource): Promise<AdminListener | undefined> {
  const { config, logger, fleet } = source;
  if (!hasAdmin(config)) return undefined;
  const access = adminAccess(source);
  const live = adminConsole(source);
  const server = makeServer(source, access, live);
  const { host, port, socket } = config.admin;
  const url = await listenOn(server, socket === "" ? { host, port } : { socket }).catch((error: unknown) => {
    access.close();
    live.close();
    server.close();
    throw error;
  });
  logger.info({ url }, "admin listener listens");
  return {
    url,
    close: async () => {
      live.close();
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
      access.close();
      fleet.close();
    },
  };
}

function makeServer(source: AdminSource, access: AdminAccess, live: Handler): Server {
  const audited = audit(source.logger);
  const routes: Record<string, Methods> = {};
  for (const { method, path, handler, isPublic } of adminEndpoints(source, access, live)) {
    const toRead = isPublic === true ? [] : [access.read];
    const before = method === "GET" ? toRead : [audited, access.change];
    routes[path] = { ...routes[path], [method]: [...before, handler] };
  }
  const path = compose(clientIp(), requestId(), securityHeaders(), router({ routes }), notFound());
  const onError = problemDetails({
    requestId: getRequestId,
    log: (error, req) => source.logger.error({ err: error, request_id: getRequestId(req) }, "unexpected error"),
  });
  return httpServer(toListener(path, onError), { maxConnections, headers: recordHeaders(securityHeaders()) });
}
