import type { IncomingMessage } from "node:http";

import { canonicalAddress, requestPath } from "@aivillage/middleware";

import { shortenAddress } from "./shorten-address.ts";

type Resolver = (req: IncomingMessage) => string | undefined;

/** How a request is named on the page. */
export interface RequestDescriberOptions {
  /** The id of a request, as its log line and its problem document have it. Default: none is shown. */
  requestId?: Resolver;
  /** The template of the route, such as `/users/:id`. Default: the path of the request without its query. */
  route?: Resolver;
  /** Who is authenticated, such as `key:ada`. Default: nobody is shown. */
  principal?: Resolver;
  /** The address of the client. Default: that of the connection, which behind a proxy is the proxy's. */
  clientIp?: Resolver;
  /** Whether addresses of clients are shortened, to /24 for IPv4 and /48 for IPv6. Default false. */
  anonymise?: boolean;
}

/** Longest text of a client that is kept, in UTF-16 code units. */
const maxText = 160;

/** Names requests. A resolver that throws costs its text, never the request. */
export class RequestDescriber {
  readonly #options: RequestDescriberOptions;

  constructor(options: RequestDescriberOptions) {
    this.#options = options;
  }

  principal(req: IncomingMessage): string | undefined {
    return resolve(this.#options.principal, req);
  }

  address(address: string): string {
    return this.#options.anonymise === true ? shortenAddress(address) : address;
  }

  describe(req: IncomingMessage) {
    const { requestId, route, clientIp } = this.#options;
    const address = clientIp === undefined ? canonicalAddress(req.socket.remoteAddress ?? "") : resolve(clientIp, req);
    return {
      requestId: resolve(requestId, req),
      method: cut(req.method ?? ""),
      path: resolve(route, req) ?? cut(requestPath(req)),
      client: address === undefined ? undefined : cut(this.address(address)),
      principal: this.principal(req),
      userAgent: cutOptional(req.headers["user-agent"]),
    };
  }
}

function resolve(resolver: Resolver | undefined, req: IncomingMessage): string | undefined {
  try {
    const text: unknown = resolver?.(req);
    return typeof text === "string" ? cut(text) : undefined;
  } catch {
    return undefined;
  }
}

export function cut(text: string): string {
  return text.length <= maxText ? text : `${text.slice(0, maxText - 1).toWellFormed()}…`;
}

function cutOptional(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cut(text);
}
