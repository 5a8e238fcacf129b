/**
 * `setImmediate()` of Node, for steps that a response waits for. A test that replaces the global one by its own clock, as `useFakeTimers()` of
 * Vitest does, must not stop requests.
 */
export const soon = setImmediate;
