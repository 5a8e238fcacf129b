import { posix } from "node:path";

import { importsOf, type WorkspacePackage } from "./workspace.ts";

/** For each node those that it imports. */
type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** An arrow between two files or folders of one folder that is part of a circle, with the import that causes it. */
export interface CircularArrow {
  /** The folder that holds both, such as `src` or `src/http`. */
  readonly folder: string;
  readonly from: string;
  readonly to: string;
  /** `importing file -> imported file`. */
  readonly cause: string;
}

/**
 * The imports of a package that make a circle: between files, or between folders at any depth.
 *
 * Without one, the files and folders of every folder can be put in an order in which each imports only what stands below it. Imports of
 * types count as well, since a reader follows them too.
 */
export function circularArrows(workspacePackage: WorkspacePackage): CircularArrow[] {
  const files = fileGraph(workspacePackage);
  const folders = new Set([...files.keys()].flatMap((file) => foldersOf(file)));
  return [...folders].toSorted().flatMap((folder) => arrowsWithin(folder, files));
}

function fileGraph({ sources, read }: WorkspacePackage): Graph {
  const known = new Set(sources);
  return new Map(
    sources.map((source) => {
      const relative = importsOf(read(source)).filter((specifier) => specifier.startsWith("."));
      const imported = relative.map((specifier) => posix.join(posix.dirname(source), specifier));
      return [source, new Set(imported.filter((file) => known.has(file)))];
    }),
  );
}

/** `src/a/b.ts` lies in `src` and `src/a`. */
function foldersOf(file: string): string[] {
  const names = posix.dirname(file).split("/");
  return names.map((_name, index) => names.slice(0, index + 1).join("/"));
}

function arrowsWithin(folder: string, files: Graph): CircularArrow[] {
  const arrows = new Map<string, Map<string, string>>();
  for (const [file, imported] of files) {
    const from = memberOf(folder, file);
    if (from === undefined) continue;
    const others = arrows.get(from) ?? new Map<string, string>();
    arrows.set(from, others);
    for (const target of imported) {
      const to = memberOf(folder, target);
      if (to !== undefined && to !== from && !others.has(to)) others.set(to, `${file} -> ${target}`);
    }
  }
  const graph: Graph = new Map([...arrows].map(([from, others]) => [from, new Set(others.keys())]));
  return [...arrows].flatMap(([from, others]) =>
    [...others].filter(([to]) => reachable(graph, to).has(from)).map(([to, cause]) => ({ folder, from, to, cause })),
  );
}

/** The file or folder directly in `folder` that a file is, or lies in. */
function memberOf(folder: string, file: string): string | undefined {
  if (!file.startsWith(`${folder}/`)) return undefined;
  return file.slice(folder.length + 1).split("/", 1)[0];
}

/** The nodes that can be reached from one, itself included. */
function reachable(graph: Graph, start: string): ReadonlySet<string> {
  const seen = new Set([start]);
  for (const node of seen) for (const next of graph.get(node) ?? []) seen.add(next);
  return seen;
}
