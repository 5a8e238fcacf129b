/** How long an upload may take from its first byte to its last. */
export const uploadTimeoutMs = 300_000;
