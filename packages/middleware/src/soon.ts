/**
 * `setImmediate()` of Node, for steps that a response waits for. A test that replaces the global one by a clock of its own, as `useFakeTimers()` of
 * Vitest does, must not stop requests.
 */
export const soon = setImmediate;
