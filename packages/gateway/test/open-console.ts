import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";

import { eventually } from "@aivillage/testing";

import type { AdminAddress } from "./admin-support.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- what a test expects of it, it asserts
type Frame = any;

/** Looks at the console of an admin listener. `await using` leaves. */
export async function openConsole(address: AdminAddress, headers: Record<string, string> = {}) {
  const req = request({ ...address, path: "/console/stream", headers, agent: false });
  req.end();
  const [res] = (await once(req, "response")) as [IncomingMessage];
  if (res.statusCode !== 200) throw new Error(`the console has the status ${res.statusCode}`);
  let isClosed = false;
  const closed = new Promise<void>((resolve) => res.once("close", resolve)).then(() => (isClosed = true));
  let text = "";
  res.on("error", () => undefined).setEncoding("utf8");
  res.on("data", (chunk: string) => (text += chunk));
  const framesOf = (): Frame[] =>
    text
      .split("\n\n")
      .slice(0, -1)
      .filter((block) => block.startsWith("event: frame"))
      .map((block) => JSON.parse(block.slice(block.indexOf("data: ") + 6)));
  await eventually(() => text.includes("\n\n"), "the greeting");
  const hello = JSON.parse(text.slice(text.indexOf("data: ") + 6, text.indexOf("\n\n"))) as { token: string };
  return {
    token: hello.token,
    isClosed: () => isClosed,
    /** The first frame from now on, or of those before, of which something holds. Frames that it follows are forgotten. */
    async until(condition: (frame: Frame) => boolean, what: string): Promise<Frame> {
      const found = await eventually(() => framesOf().find(condition) as object | undefined, what, { state: () => framesOf().at(-1) });
      const index = framesOf().findIndex(condition);
      text = text
        .split("\n\n")
        .filter((block) => !block.startsWith("event: hello"))
        .slice(index)
        .join("\n\n");
      return found;
    },
    async [Symbol.asyncDispose]() {
      req.destroy();
      await closed;
    },
  };
}
