import { once } from "node:events";
import { connect } from "node:net";
import type { TestContext } from "node:test";

import { eventually } from "@aivillage/testing";

export interface SeenCommand {
  /** In lower case. */
  readonly name: string;
  /** Whether a script has called it. */
  readonly isOfScript: boolean;
}

/**
 * The commands that a Redis server runs from now on, as `MONITOR` tells them. A client library may take the first of them for a reply of its
 * own, so this is a plain connection.
 */
export async function watchCommands(t: TestContext, port: number): Promise<() => SeenCommand[]> {
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  await once(socket, "connect");
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
  socket.write("MONITOR\r\n");
  await eventually(() => text.startsWith("+OK"), "Redis begins to tell");
  return () =>
    Array.from(text.matchAll(/^\+[\d.]+ \[\d+ ([^\]]+)\] "([^"]+)"/gm), ([, source = "", name = ""]) => ({
      name: name.toLowerCase(),
      isOfScript: source === "lua",
    }));
}
