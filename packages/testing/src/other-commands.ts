import { globSync } from "node:fs";

const kinds = [
  { files: "{packages,examples}/*/{test,bench}/**/*soak.ts", what: "promises about time and long runs", command: "test:soak" },
  { files: "packages/*/bench/**/*.bench.ts", what: "measurements", command: "test:soak, or the script `bench` of a package" },
  { files: "packages/*/test/**/*.pack.ts", what: "packed packages, which need the registry", command: "test:pack and test:readmes" },
];

/** Names what a run of all tests leaves to other commands. */
export function leftToOtherCommands(root: string): string {
  const count = (files: string): number => globSync(files, { cwd: root, exclude: ["**/node_modules/**"] }).length;
  const lines = kinds.map(({ files, what, command }) => `  ${count(files)} files: ${what} (${command})\n`);
  return `\nNot part of this run:\n${lines.join("")}`;
}
