import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import type { Random } from "./random.ts";

const permissive = /^\(?(?:MIT|ISC|BSD-[23]-Clause|Apache-2\.0|0BSD|BlueOak-1\.0\.0|CC0-1\.0|Unlicense|Python-2\.0)\b/i;
const texts = /\.(?:md|js|mjs|cjs|ts|py|sh|html|css|ya?ml|json)$/i;
/** Tests and fixtures of these packages may hold attacks. */
const doubtful = /test|xss|fixture|\.min\./i;
const mostBytes = 120_000;
const mostFiles = 20;
const maxDepth = 6;
const python = "/usr/lib/python3.11";

/** A file, and the package that it is from. */
export interface InstalledFile {
  readonly source: string;
  readonly name: string;
  readonly text: string;
}

/** Code, documentation and scripts of the permissively licensed packages below a pnpm store, and of Python where it is installed. */
export function readInstalledFiles(store: string): InstalledFile[] {
  const files = readdirSync(store).flatMap((name) => filesOfPackage(join(store, name, "node_modules")));
  if (existsSync(python)) files.push(...filesIn(python, 0).filter((file) => file.endsWith(".py")));
  const small = files.filter((file) => statSync(file).size < mostBytes);
  return small.map((file) => ({ source: sourceOf(file), name: file, text: readFileSync(file, "utf8").toWellFormed() }));
}

/** The package of a file; of Python, its folder or module. */
function sourceOf(file: string): string {
  return file.startsWith(python) ? file.split("/").slice(0, 5).join("/") : (/.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file);
}

function filesOfPackage(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(folder, name)).map((sub) => join(name, sub)) : [name],
  );
  return names.map((name) => join(folder, name)).flatMap((root) => (isPermissive(root) ? filesIn(root, 0).slice(0, mostFiles) : []));
}

/** A package itself, and no link to one. */
function isPermissive(root: string): boolean {
  const manifest = join(root, "package.json");
  if (root.includes("aivillage") || !existsSync(manifest)) return false;
  try {
    const { license } = JSON.parse(readFileSync(manifest, "utf8")) as { license?: unknown };
    return typeof license === "string" && permissive.test(license);
  } catch {
    return false;
  }
}

function filesIn(folder: string, depth: number): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => !entry.isSymbolicLink());
  const files = entries.filter(({ name }) => texts.test(name) && !doubtful.test(name)).map(({ name }) => join(folder, name));
  if (depth === maxDepth) return files;
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && !doubtful.test(entry.name));
  return [...files, ...folders.flatMap(({ name }) => filesIn(join(folder, name), depth + 1))];
}

/** Pieces of one to forty lines, as people paste them; sections of Markdown; the scripts of a manifest, each by itself. */
export function cut({ text, name: file }: InstalledFile, random: Random): string[] {
  if (text.length / text.split("\n").length > 160) return [];
  if (file.endsWith(".md")) return [...text.split(/\n(?=#{1,4} )/), ...fences(text)].filter((part) => part.length < 6_000);
  const pieces: string[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length;) {
    const count = 1 + Math.floor(40 * random() ** 2);
    pieces.push(lines.slice(at, at + count).join("\n"));
    at += count;
  }
  return pieces.concat(file.endsWith("package.json") ? scriptsOf(text) : []);
}

function fences(text: string): string[] {
  const blocks = [...text.matchAll(/```\w*\n([^]*?)```/g)].map(([, code = ""]) => code);
  return blocks.concat(blocks.flatMap((code) => code.split("\n").filter((line) => line.length > 12)));
}

function scriptsOf(manifest: string): string[] {
  const { scripts = {} } = JSON.parse(manifest) as { scripts?: Readonly<Record<string, string>> };
  return Object.values(scripts);
}
