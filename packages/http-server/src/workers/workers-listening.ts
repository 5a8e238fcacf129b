import cluster from "node:cluster";

/** In a primary: resolves when so many workers have begun to listen since the call. Call it before the workers start. */
export function workersListening(workers: number): Promise<void> {
  const listening = new Set<number>();
  return new Promise((resolve) => {
    cluster.on("listening", function count({ id }) {
      listening.add(id);
      if (listening.size < workers) return;
      cluster.off("listening", count);
      resolve();
    });
  });
}
