import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

import { compose, type Handler, toListener, upgradeListener } from "@aivillage/middleware";

import { admission, type AdmissionHandler, type AdmissionOptions, type LimitCount, MemoryStore } from "../src/index.ts";

/** How long a drained server lets its requests go on. */
const graceMs = 4;

/** A server whose middleware is made again, and which drains for another one, as happens when a configuration changes or a process stops. */
export class ReplacedServer {
  reloads = 0;
  drains = 0;
  /** Where new connections go. */
  port = 0;
  readonly #store = new MemoryStore();
  readonly #options: AdmissionOptions;
  readonly #respond: Handler;
  readonly #draining = new Set<Promise<void>>();
  #admit: AdmissionHandler;
  #server: Server;

  constructor(options: AdmissionOptions, respond: Handler) {
    this.#options = { ...options, store: this.#store };
    this.#respond = respond;
    this.#admit = admission(this.#options);
    this.#server = this.#makeServer();
  }

  open(): Promise<void> {
    return this.#open(this.#server);
  }

  /** New requests meet a new middleware; the slots stay. */
  reload(): void {
    this.reloads += 1;
    this.#admit = admission(this.#options);
  }

  /** New connections go to a new server; what the old one has not finished in time is cut. */
  async drain(): Promise<void> {
    this.drains += 1;
    const old = this.#server;
    const next = this.#makeServer();
    await this.#open(next);
    this.#server = next;
    const drained = stop(old).then(() => void this.#draining.delete(drained));
    this.#draining.add(drained);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#draining, stop(this.#server)]);
  }

  /** What is held and waited for, and `NaN` for what the store does not know. */
  state(): Pick<LimitCount, "inFlight" | "waiting"> {
    return this.#admit.state()[0] ?? { inFlight: Number.NaN, waiting: Number.NaN };
  }

  async #open(server: Server): Promise<void> {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  #makeServer(): Server {
    const listener = toListener(compose((req, res, next) => this.#admit(req, res, next), this.#respond));
    return createServer({ requestTimeout: 0 }, listener).on("upgrade", upgradeListener(listener));
  }
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => void server.close(resolve));
  await delay(graceMs);
  server.closeAllConnections();
  await closed;
}
