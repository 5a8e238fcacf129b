import { createRequire } from "node:module";
import { join } from "node:path";

/** Where the peers of all benchmarks are installed, as `pnpm bench` does; nothing else in the workspace sees them. */
const folder = join(import.meta.dirname, "../../benchmarks/peers/package.json");

/** A peer's module; `undefined`, and a line that says so, when it is not installed. */
export function peer(name: string): unknown {
  try {
    return createRequire(folder)(name) as unknown;
  } catch {
    console.log(`${name} is not installed: npm ci in packages/benchmarks/peers brings it`);
    return undefined;
  }
}
