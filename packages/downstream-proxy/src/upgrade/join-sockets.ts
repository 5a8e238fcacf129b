import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/**
 * How a joined pair of connections ended.
 *
 * `success`: each side ended its half. `cancelled`: the client broke off, or the idle timeout passed. `reset`: the target broke off.
 */
export type JoinOutcome = "success" | "cancelled" | "reset";

/** How long a side may go on sending after the other has closed and everything was sent, in milliseconds. */
const lingerMs = 1_000;

/**
 * Forwards the bytes of each connection to the other, with back-pressure, until both have ended.
 *
 * If one side fails or is destroyed, the other is destroyed too. If one has closed in order, the other gets the rest and is closed as well.
 * After `idleMs` without a byte in either direction both are.
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
      if (open === 0) return onClosed(outcome);
      if (!side.readableEnded) cut(broken);
      else closeAfterRest(other);
    });
    side.pipe(other);
    if (isSocket(side)) side.setTimeout(idleMs, () => cut("cancelled")).setNoDelay(true);
  }
}

/** Nobody reads this side any more, so its end would never show if bytes of it are left. They are discarded: unread they would cause a reset. */
function closeAfterRest(side: Duplex): void {
  const linger = (): void => {
    const timer = setTimeout(() => side.destroy(), lingerMs).unref();
    side.once("close", () => clearTimeout(timer)).resume();
  };
  if (side.writableFinished) linger();
  else side.once("finish", linger);
}

function isSocket(stream: Duplex): stream is Socket {
  return "setTimeout" in stream;
}
