import { eventually } from "./eventually.ts";

/** Resolves when the condition holds; rejects with `what` when it does not within `withinMs`. Use `eventually`. */
export async function waitUntil(condition: () => boolean | Promise<boolean>, what: string, withinMs = 60_000): Promise<void> {
  await eventually(condition, what, { withinMs });
}
