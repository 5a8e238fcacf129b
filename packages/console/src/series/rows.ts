import { bucketWidth } from "./buckets.ts";

/** What the numbers of an upstream's row are; the time to the first byte follows them. */
export const outcomes = ["success", "client_error", "server_error", "connect_error", "timeout", "reset", "cancelled", "refused"] as const;

export const upstreamRow = { width: outcomes.length + bucketWidth, firstByte: outcomes.length } as const;

export const limitRow = { width: 4, allowed: 0, refused: 1, wouldRefuse: 2, penalised: 3 } as const;

export const principalRow = { width: 3, allowed: 0, refused: 1, tokens: 2 } as const;

export const budgetRow = { width: 2, admitted: 0, refused: 1 } as const;

export const queueRow = { width: 2 + bucketWidth, admitted: 0, refused: 1, waits: 2 } as const;

export const modelRow = { width: 4 + bucketWidth, calls: 0, failed: 1, input: 2, output: 3, firstToken: 4 } as const;

/** Between the name of an upstream and its replica. */
export const replicaMark = "\n";
