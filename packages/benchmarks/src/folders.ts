import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../../..");

/** Where things are. */
export const folders = {
  root,
  peers: join(root, "packages/benchmarks/peers"),
  gatewayProgram: join(root, "packages/gateway/dist/cli.js"),
  upstreamProgram: join(import.meta.dirname, "upstream.ts"),
} as const;
