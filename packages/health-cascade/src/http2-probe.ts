import { once } from "node:events";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";

import { defined } from "@aivillage/middleware";

import { addressAttemptMs, maxBodyBytes, type ProbeRequest, userAgent } from "./probe-request.ts";

/** What surrounds the request of a probe. */
interface Surroundings {
  readonly signal: AbortSignal;
  /** A connection to the service that exists already. */
  readonly tunnel: Socket | undefined;
}

/**
 * Sends one request by HTTP/2 and reads the whole response: by ALPN with `https:`, otherwise without negotiation (RFC 9113, 3.2 and 3.3).
 *
 * @returns the status; `undefined` if the service has chosen HTTP/1.1 by ALPN
 */
export async function statusByHttp2(request: ProbeRequest, { signal, tunnel }: Surroundings): Promise<number | undefined> {
  const address = readAddress(request.url);
  const connection = openConnection(address, request, tunnel);
  // A connection that fails later than somebody listens has failed all the same.
  connection.on("error", () => undefined);
  const stop = (): void => void connection.destroy();
  const timer = setTimeout(() => connection.destroy(failure("no response in time", "ETIMEDOUT")), request.timeoutMs);
  signal.addEventListener("abort", stop);
  try {
    const isTls = connection instanceof TLSSocket;
    if (isTls || tunnel === undefined) await once(connection, isTls ? "secureConnect" : "connect", { signal });
    return isTls && connection.alpnProtocol !== "h2" ? undefined : await askFor(address, connection);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    connection.destroy();
  }
}

interface Address {
  readonly origin: string;
  readonly path: string;
  /** Where to connect to. */
  readonly peer:
    | { readonly path: string }
    | { readonly host: string; readonly port: number; readonly autoSelectFamilyAttemptTimeout: number };
}

function readAddress(url: string): Address {
  const [, socketPath, requested = "/"] = /^unix:([^:]+):(.+)$/.exec(url) ?? [];
  if (socketPath !== undefined) return { origin: "http://localhost", path: requested, peer: { path: socketPath } };
  const { origin, protocol, hostname, port, pathname, search } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const peer = { host, port: Number(port || (protocol === "https:" ? 443 : 80)), autoSelectFamilyAttemptTimeout: addressAttemptMs };
  return { origin, path: pathname + search, peer };
}

function openConnection({ origin, peer }: Address, { tls = {} }: ProbeRequest, tunnel: Socket | undefined): Socket {
  if (!origin.startsWith("https:")) return tunnel ?? connectTcp(peer);
  const { ca, cert, key, serverName } = tls;
  const servername = serverName ?? ("host" in peer && isIP(peer.host) === 0 ? peer.host : undefined);
  return connectTls({ ...peer, ...defined({ socket: tunnel, ca, cert, key, servername }), ALPNProtocols: ["h2", "http/1.1"] });
}

async function askFor({ origin, path }: Address, connection: Socket): Promise<number> {
  const { connect } = await import("node:http2");
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  // A response that the end of the connection cuts short ends like a whole one.
  connection.on("close", () => reject(connection.errored ?? failure("the connection was closed", "ECONNRESET")));
  const session = connect(origin, { createConnection: () => connection }).on("error", reject);
  let status = 0;
  let receivedBytes = 0;
  session
    // As in the `Host` of HTTP/1.1: by itself Node would name the port of the scheme too.
    .request({ ":authority": new URL(origin).host, ":path": path, "user-agent": userAgent })
    .on("response", (headers) => (status = Number(headers[":status"])))
    .on("data", (chunk: Buffer) => {
      receivedBytes += chunk.length;
      if (receivedBytes > maxBodyBytes) resolve(status);
    })
    .on("end", () => resolve(status))
    .on("error", reject);
  return await promise.finally(() => session.destroy());
}

function failure(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
