import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

import type { CheckedSessionCookie } from "../options/session-cookie-options.ts";

interface Named {
  readonly url: string;
}

/**
 * The cookie by which a client stays with a replica. Its value is a keyed hash of the replica's address: it reveals nothing to a client, and every
 * process knows it without sharing anything.
 */
export class SessionCookie {
  readonly #name: string;
  readonly #attributes: string;
  readonly #secret: string;
  readonly #values = new Map<string, string>();

  constructor({ name, attributes, secret }: CheckedSessionCookie, replicas: readonly { readonly name: string }[]) {
    this.#name = name;
    this.#attributes = attributes;
    this.#secret = secret;
    for (const replica of replicas) this.#values.set(replica.name, this.#hash(replica.name));
  }

  /** The replica that the request's cookie names, if it is one of these. */
  find<Replica extends Named>(from: readonly Replica[], req: IncomingMessage): Replica | undefined {
    const values = this.#valuesOf(req);
    return values.length === 0 ? undefined : from.find(({ url }) => values.includes(this.#values.get(url) ?? ""));
  }

  /** The `Set-Cookie` for a response of this replica; `undefined` if the client has the cookie. */
  headerFor({ url }: Named, req: IncomingMessage): string | undefined {
    const value = this.#values.get(url);
    return value === undefined || this.#valuesOf(req)[0] === value ? undefined : `${this.#name}=${value}${this.#attributes}`;
  }

  #hash(text: string): string {
    return createHmac("sha256", this.#secret).update(text).digest("base64url").slice(0, 22);
  }

  #valuesOf({ headers: { cookie } }: IncomingMessage): string[] {
    if (cookie === undefined) return [];
    const beginning = `${this.#name}=`;
    return cookie.split(";").flatMap((pair) => {
      const text = pair.trim();
      return text.startsWith(beginning) ? text.slice(beginning.length) : [];
    });
  }
}
