import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** How a joined pair of connections ended. */
export interface JoinOutcome {
  /** False if one side was reset, or the idle timeout passed. */
  readonly clean: boolean;
}

/**
 * Forwards the bytes of each connection to the other, with back-pressure, until both have ended.
 *
 * If one side fails or is destroyed, the other is destroyed too. After `idleMs` without a byte in either direction both are.
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
