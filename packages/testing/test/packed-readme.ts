import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { codeBlocks } from "../src/code-blocks.ts";
import { installUnpacked } from "../src/pack.ts";
import { root } from "../src/root.ts";
import { importsOf, packageOf, type WorkspacePackage } from "../src/workspace.ts";

const testing = join(import.meta.dirname, "..");

/** The programs of a README, in a folder that holds their package and what the README says to install. */
export interface PackedReadme {
  readonly folder: string;
  /** Those that need nothing else. */
  readonly files: readonly string[];
  /** What the first program imports and the README does not say to install. */
  readonly missing: readonly string[];
}

/** Lays the programs of a package's README below `folder/alone`, without those that start workers. */
export function layReadme(each: WorkspacePackage, folder: string): PackedReadme {
  const alone = join(folder, "alone", each.folder);
  const names = namedForInstallation(each.read("README.md"));
  const programs = codeBlocks(each.read("README.md"))
    .filter(({ language, code }) => language === "ts" && !code.includes("node:cluster"))
    .map(({ code, line }) => ({ code, file: join(alone, `readme-${line}.ts`), imported: importedPackages(code) }));
  const complete = programs.filter(({ imported }) => imported.every((name) => names.has(name)));

  mkdirSync(alone, { recursive: true });
  installUnpacked(alone, [...new Set([each.manifest.name, ...complete.flatMap(({ imported }) => imported)])], folder, testing);
  for (const { file, code } of complete) writeFileSync(file, code);
  return {
    folder: alone,
    files: complete.map(({ file }) => file),
    missing: programs[0]?.imported.filter((name) => !names.has(name)) ?? [],
  };
}

/** Makes a TypeScript project of all programs below `folder/alone`, which checks the declarations of the packages too. */
export function layProject(folder: string): string {
  const project = join(folder, "alone");
  installUnpacked(project, ["@types/node"], folder, root);
  installUnpacked(project, ["@types/express"], folder, testing);
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    module: "nodenext",
    target: "esnext",
    lib: ["esnext"],
    types: ["node"],
    noEmit: true,
  };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*/*.ts"] }));
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }));
  return project;
}

function namedForInstallation(readme: string): Set<string> {
  const commands = [...readme.matchAll(/^npm install (?:-g )?(.+)$/gm)];
  return new Set(commands.flatMap(([, names = ""]) => names.split(" ")));
}

/** Packages that a program imports, without those of Node. */
function importedPackages(code: string): string[] {
  const names = importsOf(code).filter((name) => !name.startsWith("node:"));
  return [...new Set(names.map(packageOf))];
}
