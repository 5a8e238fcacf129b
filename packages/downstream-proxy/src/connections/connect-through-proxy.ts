import { type ClientRequest, request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";

import { type buildConnector, errors } from "undici";

import { attemptTimeoutMs } from "./attempt-timeout.ts";
import type { Connector } from "./connector.ts";

/**
 * Makes connections through a tunnel of an outbound proxy (`CONNECT`: RFC 9110, 9.3.6), for `http:` targets too. TLS runs between this
 * process and the target, so the proxy sees host and port only.
 */
export function connectThroughProxy(proxy: URL, connectTls: Connector, timeoutMs: number): Connector {
  return function connect(options, callback) {
    const request = askForTunnel(proxy, options, timeoutMs);
    let connecting: { destroy(reason: Error): unknown } = request;
    const timer = setTimeout(() => request.destroy(new errors.ConnectTimeoutError("the outbound proxy made no tunnel")), timeoutMs);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      callback(error, null);
    };
    request.once("error", fail).once("connect", ({ statusCode = 0 }, socket: Socket) => {
      if (statusCode >= 300) {
        socket.destroy();
        return fail(new Error(`the outbound proxy responded with ${statusCode}`));
      }
      clearTimeout(timer);
      request.off("error", fail).on("error", () => undefined);
      if (options.protocol !== "https:") return callback(null, socket.setNoDelay(true));
      connecting = connectTls({ ...options, httpSocket: socket }, callback);
    });
    request.end();
    return { destroy: (reason) => connecting.destroy(reason) };
  };
}

function askForTunnel(proxy: URL, { hostname, port, protocol }: buildConnector.Options, timeoutMs: number): ClientRequest {
  const authority = `${hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname}:${port || defaultPort(protocol)}`;
  const request = proxy.protocol === "https:" ? httpsRequest : httpRequest;
  // Node passes the last one on to the connection, but its types do not know it.
  const options: RequestOptions & { autoSelectFamilyAttemptTimeout: number } = {
    host: proxy.hostname.replace(/^\[|\]$/g, ""),
    port: proxy.port || defaultPort(proxy.protocol),
    method: "CONNECT",
    path: authority,
    agent: false,
    headers: { Host: authority, ...authorization(proxy) },
    autoSelectFamilyAttemptTimeout: attemptTimeoutMs(timeoutMs),
  };
  return request(options);
}

function defaultPort(protocol: string): string {
  return protocol === "https:" ? "443" : "80";
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "Proxy-Authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
}
