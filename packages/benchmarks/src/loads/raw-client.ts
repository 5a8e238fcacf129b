import { connect, type Socket } from "node:net";

import type { RequestShape } from "../traffic.ts";
import { rawRequest } from "./raw-request.ts";

/** A kept connection that sends one request at a time. It parses no more of a response than its end, so that the client costs little. */
export class RawClient {
  readonly #socket: Socket;
  readonly #request: string;
  #received = "";
  #done: ((error?: Error) => void) | undefined;

  constructor(port: number, request: RequestShape) {
    this.#request = rawRequest(request, port);
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#socket.on("error", (error) => this.#end(error));
    this.#socket.on("close", () => this.#end(new Error("a connection was closed during a request")));
  }

  /** Sends the request and resolves when its response has arrived; rejects unless that is a 200. */
  send(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#done = (error) => (error === undefined ? resolve() : reject(error));
      if (this.#socket.destroyed) this.#end(new Error("a kept connection was closed"));
      else this.#socket.write(this.#request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#received += chunk.toString("latin1");
    if (!isComplete(this.#received)) return;
    const status = this.#received.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length);
    this.#received = "";
    this.#end(status === "200" ? undefined : new Error(`a request got ${status}`));
  }

  #end(error: Error | undefined): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(error);
  }
}

/** Whether a response has arrived to its end, by `Content-Length` or by its last chunk (RFC 9112 6.3, 7.1). */
export function isComplete(response: string): boolean {
  const headEnd = response.indexOf("\r\n\r\n");
  if (headEnd === -1) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(response.slice(0, headEnd))?.[1];
  return length === undefined ? response.endsWith("0\r\n\r\n") : response.length >= headEnd + 4 + Number(length);
}
