import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

import { listen, type RunningServer } from "@aivillage/testing";

/** The answer of a healthy model: sixty words. */
export const words = Array.from({ length: 60 }, (_, index) => `word${index}`);

/** Seconds as the public suite has them. */
export interface Timing {
  readonly slowFirst: number;
  readonly stall: number;
  readonly silence: number;
  readonly down: number;
}

export interface Provider extends RunningServer {
  /** When each request came, by the first part of its path. */
  readonly attempts: Map<string, number[]>;
}

type Fault = (res: ServerResponse, attempt: number, model: string) => unknown;

function refuse(status: number, code: string, headers: Record<string, string> = {}): Fault {
  return (res) => {
    res.writeHead(status, { "Content-Type": "application/json", ...headers });
    res.end(JSON.stringify({ error: { message: `Refused: ${code}.`, type: "error", param: null, code } }));
  };
}

const once =
  (fault: Fault): Fault =>
  (res, attempt, model) =>
    attempt === 1 ? fault(res, attempt, model) : respond(res, model);

/** A provider whose fault is chosen by the first part of the path; `ok` has none. */
export async function startProvider(timing: Timing): Promise<Provider> {
  const attempts = new Map<string, number[]>();
  const faults = faultsOf(timing);
  const running = await listen((req: IncomingMessage, res) => {
    const model = req.url?.split("/")[1] ?? "";
    const times = attempts.get(model) ?? [];
    attempts.set(model, [...times, performance.now()]);
    req.resume().on("end", () => void (faults[model] ?? ((given) => respond(given, model)))(res, times.length + 1, model));
  });
  return Object.assign(running, { attempts });
}

function faultsOf({ slowFirst, stall, silence, down }: Timing): Readonly<Record<string, Fault>> {
  let downUntil: number | undefined;
  const overloaded = refuse(503, "overloaded");
  const cut: Fault = (res, _attempt, model) => respond(res, model, { cutAt: 40 });
  return {
    s01: once(refuse(429, "rate_limit_exceeded", { "Retry-After": "2" })),
    s02: refuse(429, "rate_limit_exceeded"),
    s03: once(refuse(500, "server_error")),
    s04: overloaded,
    s05: once((res) => res.socket?.resetAndDestroy()),
    s06: (res) => delay(silence * 1_000, undefined, { ref: false }).then(() => res.destroy()),
    s07: (res, _attempt, model) => respond(res, model, { firstAfter: slowFirst }),
    s08: cut,
    s09: (res, _attempt, model) => respond(res, model, { stallAt: 20, stall }),
    s10: (res, _attempt, model) => respond(res, model, { malformedAt: 10 }),
    s11: (res, _attempt, model) => respond(res, model, { withoutDone: true }),
    s12: refuse(400, "context_length_exceeded"),
    s13: refuse(400, "content_policy_violation"),
    s14: cut,
    s15: (res, attempt, model) => {
      downUntil ??= performance.now() + down * 1_000;
      return performance.now() < downUntil ? overloaded(res, attempt, model) : respond(res, model);
    },
    s16: overloaded,
  };
}

interface Flaws {
  readonly firstAfter?: number;
  readonly cutAt?: number;
  readonly stallAt?: number;
  readonly stall?: number;
  readonly malformedAt?: number;
  readonly withoutDone?: boolean;
}

async function respond(res: ServerResponse, model: string, flaws: Flaws = {}): Promise<void> {
  const event = (members: object): void =>
    void res.write(`data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model, ...members })}\n\n`);
  const choice = (delta: object, reason: string | null = null): void => event({ choices: [{ index: 0, delta, finish_reason: reason }] });
  res.writeHead(200, { "Content-Type": "text/event-stream" });
  res.flushHeaders();
  await delay((flaws.firstAfter ?? 0) * 1_000);
  choice({ role: "assistant", content: "" });
  for (const [index, word] of words.entries()) {
    if (index === flaws.cutAt || res.destroyed) return void res.destroy();
    if (index === flaws.stallAt) {
      await delay((flaws.stall ?? 0) * 1_000);
      return void res.destroy();
    }
    if (index === flaws.malformedAt) res.write('data: {"id":"c","choices":[{"delta":{"content": \n\n');
    choice({ content: index === 0 ? word : ` ${word}` });
    await delay(15);
  }
  choice({}, "stop");
  event({ choices: [], usage: { prompt_tokens: 20, completion_tokens: words.length, total_tokens: 20 + words.length } });
  res.end(flaws.withoutDone === true ? "" : "data: [DONE]\n\n");
}
