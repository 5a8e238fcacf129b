import { STATUS_CODES } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";

import { endConnection, resetConnection } from "@aivillage/middleware";

import type { ResponseHead } from "../fields/response-head.ts";
import { refusalFields } from "../fields/response-headers.ts";
import type { Settings } from "../options/read-options.ts";
import type { UpgradeClient } from "./upgrade-client.ts";

/** Whether a target's response to an upgrade request is a refusal that a client can act on. */
export function isRefusal(status: number): boolean {
  return status >= 300;
}

/** A longer refusal is cut off. */
const maxBytes = 1_048_576;

/** Passes a target's refusal on: status, headers and content, such as the `WWW-Authenticate` of a 401. The connection ends with it. */
export class PassedRefusal {
  readonly #socket: Duplex;
  readonly #client: UpgradeClient;
  readonly #stallTimeoutMs: number;
  #left = maxBytes;

  constructor(socket: Duplex, client: UpgradeClient, settings: Settings, { status, headers }: ResponseHead) {
    this.#socket = socket;
    this.#client = client;
    this.#stallTimeoutMs = settings.stallTimeoutMs;
    if (socket instanceof Socket) socket.setTimeout(settings.stallTimeoutMs, this.cut);
    client.began(status);
    const fields = refusalFields(headers, settings, client.headers());
    const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines}Connection: close\r\n\r\n`, "latin1");
  }

  /** False if the client must take what was written before more is read. */
  write(chunk: Buffer): boolean {
    this.#left -= chunk.length;
    if (this.#left >= 0) return this.#socket.write(chunk);
    this.cut();
    return false;
  }

  /** The client has `stallTimeoutMs` to take the rest. */
  end(): void {
    const timer = setTimeout(this.cut, this.#stallTimeoutMs).unref();
    this.#socket
      .once("close", () => clearTimeout(timer))
      .write("", () => {
        this.#client.delivered();
        endConnection(this.#socket);
      });
  }

  /** Without a length the end of the connection is the end of the content, so incomplete content must end with a reset. */
  readonly cut = (): void => resetConnection(this.#socket);
}
