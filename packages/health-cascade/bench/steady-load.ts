import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** One answer; the time runs from the moment at which the request was due, so that a stalled server is not spared. */
export interface Answer {
  readonly ms: number;
  readonly statusCode: number;
  readonly body: string;
}

/** Sends GET requests at a steady rate, whatever becomes of those before, and collects all answers. */
export async function steadyLoad(url: string, perSecond: number, seconds: number): Promise<readonly Answer[]> {
  const agent = new Agent({ keepAlive: true });
  const answers: Promise<Answer>[] = [];
  const startedAt = performance.now();
  const total = perSecond * seconds;
  while (answers.length < total) {
    const due = Math.min(total, ((performance.now() - startedAt) / 1_000) * perSecond);
    while (answers.length < due) {
      const answer = ask(url, agent, startedAt + (answers.length * 1_000) / perSecond);
      // Looked at below, with all others.
      answer.catch(() => undefined);
      answers.push(answer);
    }
    await delay(1);
  }
  const collected = await Promise.all(answers);
  agent.destroy();
  return collected;
}

function ask(url: string, agent: Agent, dueAt: number): Promise<Answer> {
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
