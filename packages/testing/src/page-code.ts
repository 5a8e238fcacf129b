import { globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { codeBlocks } from "./code-blocks.ts";
import { readFromRoot, root } from "./root.ts";

/** A program that a page shows. */
export interface PageProgram {
  /** The page and the line. */
  readonly name: string;
  /** The name of the file to run it as. */
  readonly file: string;
  readonly code: string;
}

/** The pages whose readers copy code, from the root of the workspace. */
export const pages = globSync(["README.md", "docs/**/*.md", "packages/*/README.md"], {
  cwd: root,
  exclude: ["docs/{api,node_modules}/**"],
}).toSorted();

export const pagePrograms: readonly PageProgram[] = pages.flatMap((page) =>
  codeBlocks(readFromRoot(page))
    .filter(({ language }) => language === "ts" || language === "js")
    .map(({ language, code, line }) => ({
      name: `${page}:${line}`,
      file: `${page.replaceAll(/[^\w-]/g, "_")}_${line}.${language === "ts" ? "ts" : "cjs"}`,
      code,
    })),
);

/** Where page programs are laid: `using` removes them. */
export interface PageProgramFolder extends Disposable {
  readonly path: string;
}

/** Lays the programs into a folder of this package, from where every package of ours and every framework can be imported. */
export function layPagePrograms(name: string): PageProgramFolder {
  const path = join(import.meta.dirname, "..", name);
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  remove();
  mkdirSync(path);
  for (const { file, code } of pagePrograms) writeFileSync(join(path, file), code);
  return { path, [Symbol.dispose]: remove };
}
