import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, type Server } from "node:net";

import { eventually, hangAfterMs } from "./eventually.ts";

/** Resolves with the port of a server of this process once it listens; rejects when it cannot. */
export async function untilListening(server: Server): Promise<number>;
/** Resolves with the port once a program accepts connections there; rejects when `child` ends before that. */
export async function untilListening(port: number, child: ChildProcess): Promise<number>;
export async function untilListening(where: Server | number, child?: ChildProcess): Promise<number> {
  if (typeof where !== "number") {
    if (!where.listening) await once(where, "listening", { signal: AbortSignal.timeout(hangAfterMs) });
    return (where.address() as AddressInfo).port;
  }
  const ended = (): boolean => child !== undefined && (child.exitCode !== null || child.signalCode !== null);
  await eventually(async () => ended() || (await isAccepting(where)), `a program listens on port ${where}`);
  if (ended()) throw new Error(`the program ended (${child?.exitCode ?? child?.signalCode}) before it listened on port ${where}`);
  return where;
}

function isAccepting(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (accepted: boolean) => (): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once("connect", settle(true)).once("error", settle(false));
  });
}
