import { connect } from "node:net";

import { malformedRequest, seeded } from "./malformed.ts";

/** What came back for one request. */
interface HttpResponse {
  /** Statuses of all answers on the connection. */
  readonly statuses: readonly number[];
  /** False when neither an answer nor a close came in time. */
  readonly inTime: boolean;
}

/** What came back for many. */
interface MalformedReport {
  readonly sent: number;
  /** How often each status came; 0 is a close without an answer. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Seeds and answers of those that got a 5xx, or nothing in time. */
  readonly problems: readonly string[];
}

/** Sends so many requests, each made from a seed of its own and on its own connection, so many at a time. */
export async function sendMalformed(
  port: number,
  key: string,
  { count, firstSeed = 1, atOnce = 32, withinMs = 20_000 }: SendOptions,
): Promise<MalformedReport> {
  const statuses = new Map<number, number>();
  const problems: string[] = [];
  let next = firstSeed;

  async function client(): Promise<void> {
    while (next < firstSeed + count) {
      const seed = next;
      next += 1;
      const { statuses: got, inTime } = await send(port, malformedRequest(seeded(seed), key), withinMs);
      for (const status of got.length === 0 ? [0] : got) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (!inTime || got.some((status) => status >= 500)) problems.push(`seed ${seed}: ${inTime ? got.join(" ") : "no answer in time"}`);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, client));
  return { sent: count, statuses, problems };
}

interface SendOptions {
  readonly count: number;
  readonly firstSeed?: number;
  readonly atOnce?: number;
  readonly withinMs?: number;
}

/** The client closes its side behind the request, so that one which only waits for more ends as well. */
function send(port: number, bytes: Buffer, withinMs: number): Promise<HttpResponse> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => socket.end(bytes));
    const done = (inTime: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1])), inTime });
    };
    const timer = setTimeout(() => done(false), withinMs);
    socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
    socket.on("end", () => done(true)).on("error", () => done(true));
  });
}
