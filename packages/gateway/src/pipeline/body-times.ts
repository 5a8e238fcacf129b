/** How long a JSON body may take: a slow client gets its 408 within half a minute. */
export const jsonTimeoutMs = 25_000;

/** How long an upload may take from its first byte to its last. */
export const uploadTimeoutMs = 300_000;
