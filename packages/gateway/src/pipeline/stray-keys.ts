import type { IncomingMessage } from "node:http";

import type { UpstreamContext } from "./upstream-context.ts";

type Headers = IncomingMessage["headers"];

/** What may be a key in any text: what an `Authorization` header can carry (RFC 6750, 2.1), not shorter than keys are. */
const token = /[\w\-.~+/]{8,4096}=*/g;

/** Headers that are on every request, and whose values are none of the client's choice. */
const common = new Set(
  `accept accept-encoding accept-language anthropic-beta anthropic-version authorization cache-control connection content-length content-type
  host sec-fetch-dest sec-fetch-mode sec-fetch-site traceparent transfer-encoding user-agent`.split(/\s+/),
);

/** Finds keys of the gateway, and the client's own credentials, where no service may get them. */
export class StrayKeys {
  readonly #context: UpstreamContext;

  constructor(context: UpstreamContext) {
    this.#context = context;
  }

  /** Removes each header with a key, whatever its name, from those that are forwarded. The head of a request bounds the work. */
  readonly dropHeaders = (fields: Record<string, string | undefined>, { headers }: IncomingMessage): void => {
    for (const name of Object.keys(headers)) {
      if (common.has(name) || name.startsWith("x-stainless-") || name in fields) continue;
      if (this.#isIn(String(headers[name]), headers)) fields[name] = undefined;
    }
  };

  /** The path and query without the members that hold a key. */
  dropMembers(target: string, { headers }: IncomingMessage): string {
    const start = target.indexOf("?");
    if (start === -1) return target;
    const members = target.slice(start + 1).split("&");
    const kept = members.filter((member) => !this.#isIn(member, headers) && !this.#isIn(decoded(member), headers));
    if (kept.length === members.length) return target;
    return target.slice(0, start) + (kept.length === 0 ? "" : `?${kept.join("&")}`);
  }

  #isIn(text: string, headers: Headers): boolean {
    return (text.match(token) ?? []).some((each) => this.#context.isOwnKey(each) || this.#isPresented(each, headers));
  }

  /** Whether the client has sent it as its credential: a signed token, which is in no list of keys. */
  #isPresented(text: string, headers: Headers): boolean {
    return this.#context.carriers.some((carrier) => {
      const sent = headers[carrier];
      return typeof sent === "string" && sent.endsWith(text) && /^(?:[\w-]+ +)?$/.test(sent.slice(0, -text.length));
    });
  }
}

function decoded(member: string): string {
  try {
    return decodeURIComponent(member);
  } catch {
    return member;
  }
}
