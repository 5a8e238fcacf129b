import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { Pieces } from "@aivillage/middleware";

import type { AttemptOwner } from "../attempts/attempt-listener.ts";
import { Plan } from "../attempts/attempt-plan.ts";
import { Attempt } from "../attempts/attempt.ts";
import type { Failure } from "../attempts/failure.ts";
import type { ClockDeadlines } from "../attempts/response-clock.ts";
import { retryAfterMs } from "../attempts/retry-after.ts";
import type { ClientShare } from "../clients/client-shares.ts";
import type { OutgoingRequest, ProxyContext } from "../exchange/proxy-context.ts";
import type { Running } from "../exchange/running-set.ts";
import { type AnswerHeaders, upgradedFields } from "../fields/response-headers.ts";
import { setDownstream } from "../report/downstream-value.ts";
import { badGateway, upgradeRefused } from "../report/errors.ts";
import { joinSockets } from "./join-sockets.ts";
import { isRefusal, PassedRefusal, refuseUpgrade } from "./refuse-upgrade.ts";

/** A request to change the protocol, and the connection with its bytes. */
export interface UpgradeRequest {
  readonly req: IncomingMessage;
  readonly socket: Duplex;
  /** What the client has sent behind its request. */
  readonly head: Buffer;
  /** The protocol, such as `websocket`. */
  readonly protocol: string;
}

const maxEarlyBytes = 65_536;

/** One connection whose protocol is to change: asks a target, then carries bytes both ways until one side ends. */
export class Tunnel implements AttemptOwner, Running {
  slot = 0;
  share: ClientShare | undefined;
  readonly req: IncomingMessage;
  readonly outgoing: OutgoingRequest;
  readonly settings: ProxyContext["settings"];
  readonly deadlines: ClockDeadlines;
  readonly #protocol: string;
  readonly #socket: Duplex;
  readonly #context: ProxyContext;
  readonly #plan: Plan;
  #attempt: Attempt | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #upstream: Duplex | undefined;
  #refusal: PassedRefusal | undefined;
  readonly #early = new Pieces();
  #settled = false;
  #wasCut = false;

  constructor(context: ProxyContext, { req, socket, head, protocol }: UpgradeRequest, outgoing: OutgoingRequest) {
    this.settings = context.settings;
    this.deadlines = context.deadlines;
    this.req = req;
    this.outgoing = outgoing;
    this.#protocol = protocol;
    this.#socket = socket;
    this.#early.push(head);
    this.#context = context;
    this.#plan = new Plan(context.settings, context.routes.slice(0, 1), req);
  }

  start(): void {
    // Read from the start, else it would not show when the client leaves.
    this.#socket.on("close", this.#cancel).on("end", this.#cancel).on("data", this.#keepEarly);
    this.#try();
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

  onEarlyHints(): void {
    // There is no page to load ahead for.
  }

  onHead(status: number, headers: AnswerHeaders): void {
    if (status >= 500) {
      const asked = retryAfterMs(headers["retry-after"], Date.now());
      const wait = this.#plan.next({ reason: "server_error", status, retryAfterMs: asked }, true);
      if (wait !== undefined) {
        this.#attempt?.abandon("server_error");
        return this.#tryAgain(wait);
      }
    }
    if (isRefusal(status)) {
      this.#refusal = new PassedRefusal(this.#socket, this.settings, status, headers);
      this.#socket.on("drain", () => this.#attempt?.resume());
      return;
    }
    this.#attempt?.abandon(this.#attempt.report.outcomeOfStatus());
    this.#refuse(upgradeRefused(this.#plan.route.name, status));
  }

  onUpgraded(headers: AnswerHeaders, upstream: Duplex): void {
    if (String(headers["upgrade"]).toLowerCase() !== this.#protocol) {
      upstream.destroy();
      this.#attempt?.endUpgraded("reset");
      return this.#refuse(badGateway(`"${this.#plan.route.name}" changed to another protocol than the one asked for.`, undefined));
    }
    this.#upstream = upstream;
    this.#settled = true;
    this.#socket.off("end", this.#cancel).off("data", this.#keepEarly);
    this.#writeHead(headers);
    upstream.write(this.#early.joined());
    joinSockets(this.#socket, upstream, this.settings.upgradeIdleTimeoutMs, (outcome) => this.#ended(outcome));
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
    const { outcome, status, stale } = failure;
    const wait = this.#plan.next({ reason: outcome, late: status === 504, stale: stale === true }, true);
    if (wait === undefined) return this.#refuse(this.#plan.lastWord(failure));
    this.#tryAgain(wait);
  }

  onBodyBroken(): void {
    // It has no body.
  }

  readonly #try = (): void => {
    if (this.#settled) return;
    const begun = this.#plan.begin();
    setDownstream(this.req, { target: begun.route.name, attempts: begun.attempt });
    this.#attempt = new Attempt(this, begun);
    this.#attempt.begin();
  };

  /** In a later step in any case: undici may be calling. */
  #tryAgain(waitMs: number): void {
    this.#retryTimer = setTimeout(this.#try, waitMs);
  }

  /** What comes before the protocol has changed is for the target, but a client has no reason to send much. */
  readonly #keepEarly = (chunk: Buffer): void => {
    this.#early.push(chunk);
    if (this.#early.bytes > maxEarlyBytes) this.#cancel();
  };

  #writeHead(headers: AnswerHeaders): void {
    const fields = upgradedFields(headers, this.settings);
    let head = "HTTP/1.1 101 Switching Protocols\r\n";
    for (let index = 0; index + 1 < fields.length; index += 2) head += `${fields[index]}: ${fields[index + 1]}\r\n`;
    this.#socket.write(`${head}\r\n`, "latin1");
  }

  #ended({ clean }: { clean: boolean }): void {
    this.#countBytes();
    this.#attempt?.endUpgraded(this.#wasCut ? "cancelled" : clean ? "success" : "reset");
    this.#context.running.delete(this);
  }

  #countBytes(): void {
    const { bytesRead = 0, bytesWritten = 0 } = this.#upstream as { bytesRead?: number; bytesWritten?: number };
    this.#attempt?.report.received(bytesRead);
    this.#attempt?.report.sent(bytesWritten);
  }

  /** The client has left before the protocol was changed; after that, the joined connections see to it. */
  readonly #cancel = (): void => {
    if (this.#settled) return;
    this.#attempt?.abandon("cancelled");
    this.#settle();
    this.#socket.destroy();
  };

  #refuse(error: unknown): void {
    if (this.#settled) return;
    this.#settle();
    refuseUpgrade(this.#socket, error, this.settings);
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#retryTimer);
    this.#context.running.delete(this);
  }
}
