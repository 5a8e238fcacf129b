import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/**
 * How a joined pair of connections ended.
 *
 * `success`: each side ended its half. `cancelled`: the client broke off, or the idle timeout passed. `reset`: the target broke off.
 */
export type JoinOutcome = "success" | "cancelled" | "reset";

/**
 * Forwards the bytes of each connection to the other, with back-pressure, until both have ended.
 *
 * If one side fails or is destroyed, the other is destroyed too. After `idleMs` without a byte in either direction both are.
 */
export function joinSockets(client: Duplex, target: Duplex, idleMs: number, onClosed: (outcome: JoinOutcome) => void): void {
  let outcome: JoinOutcome = "success";
  let open = 2;
  const cut = (reason: JoinOutcome): void => {
    if (outcome === "success") outcome = reason;
    client.destroy();
    target.destroy();
  };
  for (const [side, other, broken] of [
    [client, target, "cancelled"],
    [target, client, "reset"],
  ] as const) {
    side.on("error", () => cut(broken));
    side.on("close", () => {
      open -= 1;
      if (!side.readableEnded && !other.destroyed) cut(broken);
      if (open === 0) onClosed(outcome);
    });
    side.pipe(other);
    if (isSocket(side)) side.setTimeout(idleMs, () => cut("cancelled")).setNoDelay(true);
  }
}

function isSocket(stream: Duplex): stream is Socket {
  return "setTimeout" in stream;
}
