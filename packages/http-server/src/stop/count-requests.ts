import type { RequestListener } from "node:http";

/** A listener, and when the requests that it has begun have all ended. */
export interface CountedListener {
  readonly listener: RequestListener;
  /** Resolves when nothing is under way. Ask when no more requests come. */
  readonly ended: () => Promise<void>;
}

/** Counts the requests under way, so that what answers them can be closed behind the last one. */
export function countRequests(answer: RequestListener): CountedListener {
  const { promise, resolve } = Promise.withResolvers<void>();
  let underWay = 0;
  let isLast = false;

  function onClose(): void {
    underWay -= 1;
    if (isLast && underWay === 0) resolve();
  }
  return {
    listener: (req, res) => {
      underWay += 1;
      res.on("close", onClose);
      answer(req, res);
    },
    ended: () => {
      isLast = true;
      if (underWay === 0) resolve();
      return promise;
    },
  };
}
