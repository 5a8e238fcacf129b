import type { RequestListener } from "node:http";

import { onResponseClose } from "@aivillage/middleware";

/** A listener, and when the requests that it has begun have all ended. */
export interface CountedListener {
  readonly listener: RequestListener;
  /** Resolves when no request is in progress. Call it when no more requests come. */
  readonly ended: () => Promise<void>;
}

/** Counts the requests in progress, so that what their handler uses can be closed after the last one. */
export function countRequests(handler: RequestListener): CountedListener {
  const { promise, resolve } = Promise.withResolvers<void>();
  let inProgress = 0;
  let isLast = false;

  function onClose(): void {
    inProgress -= 1;
    if (isLast && inProgress === 0) resolve();
  }
  return {
    listener: (req, res) => {
      inProgress += 1;
      onResponseClose(res, onClose);
      handler(req, res);
    },
    ended: () => {
      isLast = true;
      if (inProgress === 0) resolve();
      return promise;
    },
  };
}
