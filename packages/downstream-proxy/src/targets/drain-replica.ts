import type { Target } from "./target.ts";

/**
 * Takes a replica out of choice, or back into it, in every target that has it. Requests that it is handling continue.
 *
 * @returns whether a target has it
 */
export function setDraining(targets: readonly Target[], origin: string, draining: boolean): boolean {
  const having = targets.filter(({ replicas }) => replicas.some(({ url }) => url === origin));
  for (const target of having) {
    for (const replica of target.replicas) if (replica.url === origin) replica.draining = draining;
    const others = target.replicas.filter((replica) => !replica.draining);
    target.choices = others.length === 0 ? target.replicas : others;
  }
  return having.length > 0;
}
