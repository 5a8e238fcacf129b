import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** What happened on a joined pair of connections. */
export interface JoinOutcome {
  /** False when one side was reset, or nothing came for too long. */
  readonly clean: boolean;
}

/**
 * Sends what comes on one connection out on the other, with back-pressure, until both have ended.
 *
 * When one side fails or is destroyed, so is the other. After `idleMs` without a byte in either direction both are.
 */
export function joinSockets(client: Duplex, target: Duplex, idleMs: number, onClosed: (outcome: JoinOutcome) => void): void {
  let clean = true;
  let open = 2;
  const cut = (): void => {
    clean = false;
    client.destroy();
    target.destroy();
  };
  for (const [side, other] of [
    [client, target],
    [target, client],
  ] as const) {
    side.on("error", cut);
    side.on("close", () => {
      open -= 1;
      if (!side.readableEnded && !other.destroyed) cut();
      if (open === 0) onClosed({ clean });
    });
    side.pipe(other);
    if (isSocket(side)) side.setTimeout(idleMs, cut).setNoDelay(true);
  }
}

function isSocket(stream: Duplex): stream is Socket {
  return "setTimeout" in stream;
}
