/** A program that runs JavaScript, in an exact version from the npm registry. */
export interface Runtime {
  readonly name: string;
  readonly command: readonly string[];
}

export const runtimes: readonly Runtime[] = [
  { name: "Node 22", command: ["npx", "-y", "node@22.23.3"] },
  { name: "Node 24", command: [process.execPath] },
  { name: "Node 26", command: ["npx", "-y", "node@26.9.0"] },
  { name: "Bun 1.4", command: ["npx", "-y", "bun@1.4.5"] },
  { name: "Deno 2.9", command: ["npx", "-y", "deno@2.9.6", "run", "-A", "--node-modules-dir=manual"] },
];
