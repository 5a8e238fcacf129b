import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** One answer; the time runs from the moment at which the request was due, so that a stalled server is not spared. */
export interface HttpResponse {
  readonly ms: number;
  readonly statusCode: number;
  readonly body: string;
}

/** Sends GET requests at a steady rate, whatever becomes of those before, and collects all answers. */
export async function steadyLoad(url: string, perSecond: number, seconds: number): Promise<readonly HttpResponse[]> {
  const agent = new Agent({ keepAlive: true });
  const responses: Promise<HttpResponse>[] = [];
  const startedAt = performance.now();
  const total = perSecond * seconds;
  while (responses.length < total) {
    const due = Math.min(total, ((performance.now() - startedAt) / 1_000) * perSecond);
    while (responses.length < due) {
      const response = ask(url, agent, startedAt + (responses.length * 1_000) / perSecond);
      // Looked at below, with all others.
      response.catch(() => undefined);
      responses.push(response);
    }
    await delay(1);
  }
  const collected = await Promise.all(responses);
  agent.destroy();
  return collected;
}

function ask(url: string, agent: Agent, dueAt: number): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent }, (res) => {
      let body = "";
      res.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      res.on("error", reject);
      res.on("end", () => resolve({ ms: performance.now() - dueAt, statusCode: res.statusCode ?? 0, body }));
    });
    sent.on("error", reject).end();
  });
}

/** The value below which this share of the sorted values lies. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
