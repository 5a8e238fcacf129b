import { codeBlocks } from "./code-blocks.ts";
import type { WorkspacePackage } from "./workspace.ts";

/** The first program of a README, and what stands in its line of installation. */
export interface FirstExample {
  readonly name: string;
  readonly code: string;
  readonly installed: readonly string[];
}

export function firstExample({ folder: name, read }: WorkspacePackage): FirstExample {
  const readme = read("README.md");
  const [, line = ""] = /^npm install (?:-g )?(.+)$/m.exec(readme) ?? [];
  const { code = "" } = codeBlocks(readme).find(({ language }) => language === "ts") ?? {};
  return { name, code, installed: line.split(" ") };
}
