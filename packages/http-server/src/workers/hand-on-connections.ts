import type { Worker } from "node:cluster";
import type { EventEmitter } from "node:events";

/** What Node's primary sends together with a connection (`act`, `seq`), and what a worker replies to it (`ack`). */
interface ClusterMessage {
  readonly cmd?: string;
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
}

/**
 * Hands the connections that a worker has not taken on to the others when it dies.
 *
 * Node's primary accepts all connections, sends each to a worker and waits for the reply. When the worker dies before that, no reply comes:
 * the client waits for ever, and the primary keeps the socket (nodejs/node#21746). Here it gets the reply of a worker that could not take the
 * connection. Without a reply a worker has read nothing, so no request is handled twice.
 *
 * These messages are internal to Node. If they change, none is recognised, and all is as without this.
 *
 * @param othersListen whether another worker can take connections; otherwise they are closed
 */
export function handOnConnections({ process: child }: Worker, othersListen: () => boolean): void {
  const untaken = new Set<number>();
  const send = child.send.bind(child) as (message: unknown, ...rest: unknown[]) => boolean;
  const internal: EventEmitter = child;

  child.send = (message: unknown, ...rest: unknown[]): boolean => {
    const { cmd, act, seq } = message as ClusterMessage;
    if (cmd === "NODE_CLUSTER" && act === "newconn" && seq !== undefined) untaken.add(seq);
    return send(message, ...rest);
  };
  internal.on("internalMessage", ({ ack }: ClusterMessage) => {
    if (ack !== undefined) untaken.delete(ack);
  });
  const handOn = (): void => {
    if (untaken.size === 0) return;
    // Node takes the worker off its list now; while it waits for a reply about a connection, it never comes to that.
    internal.emit("disconnect");
    const accepted = !othersListen();
    for (const ack of untaken) internal.emit("internalMessage", { cmd: "NODE_CLUSTER", ack, accepted });
  };
  // What the worker has replied before is read in this turn.
  child.once("exit", () => setImmediate(handOn));
}
