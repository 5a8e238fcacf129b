import type { MemberPath } from "../dialects/dialect.ts";
import type { JsonScanner, StringVisitor } from "./json-scanner.ts";

/** Paths that begin alike, by their next name. A path ends at a node with `isEnd`. */
export interface PathNode {
  readonly next: Map<string, PathNode>;
  isEnd: boolean;
}

export function pathTree(paths: readonly MemberPath[]): PathNode {
  const root: PathNode = { next: new Map(), isEnd: false };
  for (const path of paths) {
    let node = root;
    for (const name of path) {
      const known: PathNode = node.next.get(name) ?? { next: new Map(), isEnd: false };
      node.next.set(name, known);
      node = known;
    }
    node.isEnd = true;
  }
  return root;
}

/**
 * Consumes a value as `skip()` does, and calls `found` at each value that a path leads to; it must consume the value. Whatever a document
 * repeats is found each time.
 */
export function walkValue(scanner: JsonScanner, node: PathNode | undefined, found: () => void, visit?: StringVisitor, name = ""): void {
  if (node?.isEnd === true) return found();
  const byte = node === undefined ? undefined : scanner.peek();
  if (byte === openBrace) scanner.object((member) => walkValue(scanner, node?.next.get(member), found, visit, member));
  else if (byte === openBracket) scanner.array(() => walkValue(scanner, node?.next.get("*"), found, visit, name));
  else scanner.skip(visit, name);
}

const [openBrace, openBracket] = Buffer.from("{[");
