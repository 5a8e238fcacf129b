import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

/**
 * Loading its modules costs a process of the gateway as much as two of its test files. More files would keep one process running
 * after all others have ended, and wait longer when one of them ends the process.
 */
const filesPerProcess = 30;
const startsAlone = /^\/\/ (?:Needs its own process|Takes long): ./m;

/** Such a file starts other programs, or is alone since it takes long: it takes about as long as so many others. */
const filesOfSlowOne = 25;

/**
 * Divides test files into groups that share a process: of one package each, and alone what says so or packs the packages. What takes longest
 * comes first, so that it does not run alone at the end.
 */
export function groupFiles(files: readonly string[], root: string): string[][] {
  const perPackage = Map.groupBy(files, (file) => relative(root, file).split("/").slice(0, 2).join("/"));
  const groups = [...perPackage.values()].flatMap((ofPackage) => {
    const { alone = [], shared = [] } = Object.groupBy(ofPackage, (file) => (isAlone(file) ? "alone" : "shared"));
    return alone.map((file) => [file]).concat(dealt(shared));
  });
  const weight = (group: readonly string[]): number => (group.length === 1 || isExample(group, root) ? filesOfSlowOne : group.length);
  return groups.toSorted((a, b) => weight(b) - weight(a));
}

const isExample = ([file = ""]: readonly string[], root: string): boolean => relative(root, file).startsWith("examples");

const isAlone = (file: string): boolean => !file.endsWith(".test.ts") || startsAlone.test(readFileSync(file, "utf8"));

/** Neighbours in the alphabet are often of a kind, and slow together: they come into different groups. */
function dealt(files: readonly string[]): string[][] {
  const groups = Array.from({ length: Math.ceil(files.length / filesPerProcess) }, (): string[] => []);
  files.forEach((file, index) => groups[index % groups.length]?.push(file));
  return groups;
}

/** The programs that run groups, with the files of each. `using` removes them. */
export interface GroupPrograms extends Disposable {
  readonly filesOf: ReadonlyMap<string, readonly string[]>;
}

/** Each file as a program. */
export function filesAsPrograms(files: readonly string[]): GroupPrograms {
  return { filesOf: new Map(files.map((file) => [file, [file]])), [Symbol.dispose]: () => undefined };
}

export function writePrograms(groups: readonly (readonly string[])[]): GroupPrograms {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-tests-"));
  const runGroup = join(import.meta.dirname, "run-group.ts");
  const write = (files: readonly string[], index: number): [string, readonly string[]] => {
    const program = join(folder, `${index}.test.ts`);
    writeFileSync(program, `import { runGroup } from ${JSON.stringify(runGroup)};\nawait runGroup(${JSON.stringify(files)});\n`);
    return [program, files];
  };
  return { filesOf: new Map(groups.map(write)), [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}
