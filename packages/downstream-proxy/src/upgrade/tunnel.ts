import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { Chunks } from "@aivillage/middleware";

import type { AttemptListener } from "../attempts/attempt-listener.ts";
import { AttemptSeries } from "../attempts/attempt-series.ts";
import { failedResponse, failedWithoutResponse } from "../attempts/failed-attempt.ts";
import type { Failure } from "../attempts/failure.ts";
import type { ClientShare } from "../clients/client-shares.ts";
import type { ProxyContext } from "../exchange/proxy-context.ts";
import type { Running } from "../exchange/running-set.ts";
import type { ResponseHeaders } from "../fields/response-head.ts";
import { upgradedFields } from "../fields/response-headers.ts";
import { badGateway, upgradeRefused } from "../report/errors.ts";
import { downstreamUpgraded } from "../report/events.ts";
import type { OutgoingRequest } from "../request/outgoing-request.ts";
import { type JoinOutcome, joinSockets } from "./join-sockets.ts";
import { isRefusal, PassedRefusal } from "./passed-refusal.ts";
import type { UpgradeClient } from "./upgrade-client.ts";

/** A request to switch protocols, and its connection. */
export interface UpgradeRequest {
  readonly req: IncomingMessage;
  readonly socket: Duplex;
  /** What the client has sent after its request. */
  readonly head: Buffer;
  /** The protocol, such as `websocket`. */
  readonly protocol: string;
  readonly client: UpgradeClient;
}

const maxEarlyBytes = 65_536;

/** One connection that is to switch protocols: asks a target, then forwards bytes in both directions until one side ends. */
export class Tunnel implements AttemptListener, Running {
  slot = 0;
  share: ClientShare | undefined;
  readonly #context: ProxyContext;
  readonly #req: IncomingMessage;
  readonly #protocol: string;
  readonly #socket: Duplex;
  readonly #client: UpgradeClient;
  readonly #attempts: AttemptSeries;
  readonly #early = new Chunks();
  #upstream: Duplex | undefined;
  #refusal: PassedRefusal | undefined;
  #settled = false;
  #wasCut = false;

  constructor(context: ProxyContext, { req, socket, head, protocol, client }: UpgradeRequest, outgoing: OutgoingRequest) {
    const { settings, deadlines, targets } = context;
    this.#context = context;
    this.#req = req;
    this.#protocol = protocol;
    this.#socket = socket;
    this.#client = client;
    this.#early.push(head);
    this.#attempts = new AttemptSeries({ req, outgoing, settings, deadlines }, targets.slice(0, 1), this);
  }

  start(): void {
    // The client's departure shows only while the socket is read.
    this.#socket.on("close", this.#cancel).on("end", this.#cancel).on("data", this.#keepEarly);
    this.#attempts.begin();
  }

  cut(): void {
    this.#wasCut = true;
    this.#refusal?.cut();
    this.#cancel();
    this.#socket.destroy();
    this.#upstream?.destroy();
  }

  onStreamLate(): void {
    this.cut();
  }

  onHead(status: number, headers: ResponseHeaders): void {
    const { failOverStatuses } = this.#context.settings;
    if (status >= 500 && this.#attempts.continueAfter(failedResponse(status, headers, failOverStatuses))) return;
    const attempt = this.#attempts.current;
    attempt?.began();
    if (isRefusal(status)) {
      this.#refusal = new PassedRefusal(this.#socket, this.#client, this.#context.settings, {
        status,
        headers: this.#attempts.rewritten(headers),
      });
      this.#socket.on("drain", () => attempt?.resume());
      return;
    }
    attempt?.abandon(attempt.report.outcomeOfStatus());
    this.#refuse(upgradeRefused(status));
  }

  onUpgraded(headers: ResponseHeaders, upstream: Duplex): void {
    if (String(headers["upgrade"]).toLowerCase() !== this.#protocol) {
      upstream.destroy();
      this.#attempts.current?.endUpgraded("reset");
      return this.#refuse(badGateway("The upstream service switched to another protocol than the requested one.", undefined));
    }
    this.#upstream = upstream;
    if (downstreamUpgraded.hasSubscribers) downstreamUpgraded.publish({ req: this.#req, target: this.#attempts.plan.target.name });
    this.#settled = true;
    this.#socket.off("end", this.#cancel).off("data", this.#keepEarly);
    this.#writeHead(this.#attempts.withSession(headers));
    upstream.write(this.#early.joined());
    joinSockets(this.#socket, upstream, this.#context.settings.upgradeIdleTimeoutMs, (outcome) => this.#ended(outcome));
  }

  onData(chunk: Buffer): boolean {
    return this.#refusal?.write(chunk) ?? true;
  }

  onEnd(): void {
    this.#settle();
    this.#refusal?.end();
  }

  onFailure(failure: Failure | undefined, error: unknown): void {
    if (this.#refusal !== undefined) return this.cut();
    if (failure === undefined) return this.#refuse(error);
    if (this.#attempts.continueAfter(failedWithoutResponse(failure))) return;
    this.#refuse(this.#attempts.plan.finalProblem(failure));
  }

  /** Bytes that arrive before the switch are for the target, but a client has no reason to send many. */
  readonly #keepEarly = (chunk: Buffer): void => {
    this.#early.push(chunk);
    if (this.#early.bytes > maxEarlyBytes) this.#cancel();
  };

  #writeHead(headers: ResponseHeaders): void {
    const fields = upgradedFields(headers, this.#context.settings);
    let head = "HTTP/1.1 101 Switching Protocols\r\n";
    for (let index = 0; index + 1 < fields.length; index += 2) head += `${fields[index]}: ${fields[index + 1]}\r\n`;
    this.#client.began(101);
    this.#socket.write(`${head}\r\n`, "latin1", () => this.#client.delivered());
  }

  #ended(outcome: JoinOutcome): void {
    const attempt = this.#attempts.current;
    const { bytesRead = 0, bytesWritten = 0 } = this.#upstream as { bytesRead?: number; bytesWritten?: number };
    attempt?.report.received(bytesRead);
    attempt?.report.sent(bytesWritten);
    attempt?.endUpgraded(this.#wasCut ? "cancelled" : outcome);
    this.#context.running.delete(this);
  }

  /** The client has left before the switch. After it, the joined connections end each other. */
  readonly #cancel = (): void => {
    if (this.#settled) return;
    this.#attempts.current?.abandon("cancelled");
    this.#settle();
    this.#socket.destroy();
  };

  #refuse(error: unknown): void {
    if (this.#settled) return;
    this.#settle();
    this.#socket.off("end", this.#cancel).off("data", this.#keepEarly);
    this.#client.refuse(error);
  }

  #settle(): void {
    this.#settled = true;
    this.#attempts.end();
    this.#context.running.delete(this);
  }
}
