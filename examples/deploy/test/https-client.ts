import type { IncomingMessage } from "node:http";
import { request } from "node:https";

import type { RunningFrontEnd } from "./front-end.ts";

export interface HttpsResponse {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface HttpsRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Address of this machine from which the request comes. Default 127.0.0.1. */
  from?: string;
}

/** Sends a request through the front end and resolves with the head of the response, the body still to come. */
export function open({ port, certificate }: RunningFrontEnd, path: string, options: HttpsRequest = {}): Promise<IncomingMessage> {
  const { method = "GET", headers = {}, body, from = "127.0.0.1" } = options;
  return new Promise((resolve, reject) => {
    const sent = request({
      host: "127.0.0.1",
      servername: "localhost",
      port,
      path,
      method,
      headers: { host: `localhost:${port}`, ...headers },
      localAddress: from,
      ca: certificate,
      agent: false,
    });
    sent.once("response", resolve);
    // A response that comes before the end of the request is no failure.
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Sends a request through the front end and reads the response. */
export async function ask(frontEnd: RunningFrontEnd, path: string, options: HttpsRequest = {}): Promise<HttpsResponse> {
  const response = await open(frontEnd, path, options);
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}
