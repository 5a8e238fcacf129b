import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "./root.ts";

interface Manifest {
  name: string;
  version?: string;
  private?: boolean;
  description?: string;
  keywords?: string[];
  homepage?: string;
  bugs?: { url: string };
  license?: string;
  author?: string;
  repository?: { url: string; directory: string };
  files?: string[];
  type?: string;
  sideEffects?: boolean | string[];
  main?: string;
  types?: string;
  typesVersions?: Record<string, Record<string, string[]>>;
  exports?: Record<string, unknown>;
  publishConfig?: { access: string; provenance: boolean };
  bin?: Record<string, string>;
  scripts?: Record<string, string>;
  engines?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** One folder of `packages`. */
export interface WorkspacePackage {
  /** Folder name, such as `rate-limit`. */
  readonly folder: string;
  /** Absolute path. */
  readonly path: string;
  readonly manifest: Manifest;
  /** Paths of the sources, relative to the package. */
  readonly sources: readonly string[];
  readonly read: (file: string) => string;
}

/** All folders of `packages` that have a manifest, in alphabetical order. */
export const workspacePackages: readonly WorkspacePackage[] = readdirSync(join(root, "packages"))
  .filter((folder) => existsSync(join(root, "packages", folder, "package.json")))
  .map((folder) => {
    const path = join(root, "packages", folder);
    const read = (file: string): string => readFileSync(join(path, file), "utf8");
    const sources = globSync("src/**/*.ts", { cwd: path }).toSorted();
    return { folder, path, manifest: JSON.parse(read("package.json")) as Manifest, sources, read };
  });

/** Those that are published. */
export const publishedPackages = workspacePackages.filter(({ manifest }) => manifest.private !== true);

/** Module specifiers that a TypeScript source imports or re-exports, statically or dynamically. */
export function importsOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, "");
  const pattern =
    /^\s*(?:import|export)\b[^;"']*?from\s+["']([^"']+)["']|^\s*import\s+["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;
  return [...code.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

/** The package that a specifier belongs to: `@scope/name/file` is `@scope/name`. */
export function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
