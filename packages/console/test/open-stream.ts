import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";

import { eventually } from "@aivillage/testing";

/** A stream of the console. `await using` closes it. */
export async function openStream(url: string, headers: Record<string, string> = {}) {
  const req = request(url, { headers, agent: false });
  req.end();
  const [res] = (await once(req, "response")) as [IncomingMessage];
  if (res.statusCode !== 200) throw new Error(`the stream has the status ${res.statusCode}`);
  const received: { name: string; data: unknown }[] = [];
  const closed = new Promise<void>((resolve) => res.once("close", resolve));
  let text = "";
  res.on("error", () => undefined).setEncoding("utf8");
  res.on("data", (chunk: string) => {
    const blocks = (text + chunk).split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) received.push(parse(block));
  });
  return {
    /** Resolves when the stream has ended. */
    closed,
    /** The data of the next event of a name; those before it are left out. */
    async next<T>(name: string): Promise<T> {
      await eventually(() => received.some((event) => event.name === name), `the event ${name}`);
      const skipped = received.findIndex((event) => event.name === name);
      return received.splice(0, skipped + 1)[skipped]?.data as T;
    },
    /** The refusals up to now: those before the stream began may come with its first event or with the next frame. */
    async refusals<T>(): Promise<readonly T[]> {
      const all = (): T[] => received.flatMap(({ data }) => (data as { refusals: T[] }).refusals);
      return (await eventually(() => all().length > 0 && all(), "a refusal", { state: () => received })) || [];
    },
    async [Symbol.asyncDispose]() {
      req.destroy();
      await closed;
    },
  };
}

function parse(block: string): { name: string; data: unknown } {
  const [, name = "", data = ""] = /^event: (\w+)\ndata: (.*)$/s.exec(block) ?? [];
  return { name, data: JSON.parse(data) as unknown };
}
