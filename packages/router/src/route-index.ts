import { isParameterValue, isRestValue } from "./path-values.ts";
import type { TemplateSegment } from "./template-segment.ts";

interface Node<T> {
  readonly texts: Map<string, Node<T>>;
  parameter: Node<T> | undefined;
  /** What is found for all paths below that nothing else matches. */
  rest: { readonly value: T; readonly mayBeEmpty: boolean } | undefined;
  /** What is found when the path ends here. */
  value: T | undefined;
}

/** What a path leads to, and the parts of it that parameters matched, in order. */
export interface Found<T> {
  readonly value: T;
  readonly segments: readonly string[];
}

/**
 * Finds the template that a path matches. It walks both segment by segment, so that the cost depends on the length of the path and not on
 * the number of templates. A path without parameters takes one look into a map.
 *
 * In each segment a text wins over a parameter, and both over a rest. Where the remainder of a path does not match after a text, the
 * parameter beside it is tried, then the rest: with `/a/{x}/c` and `/a/b/d`, the path `/a/b/c` matches the first. A path is compared as it
 * is: nothing is decoded, normalised to one case or removed.
 */
export class RouteIndex<T> {
  readonly #fixed = new Map<string, Found<T>>();
  readonly #root: Node<T> = emptyNode();

  /**
   * Adds a template.
   *
   * @returns the value of the template that matches the same paths and stays; `undefined` when there is none
   */
  add(segments: readonly TemplateSegment[], value: T): T | undefined {
    let node = this.#root;
    for (const segment of segments) {
      if (segment.kind === "rest") return addRest(node, value, segment.mayBeEmpty);
      node = childOf(node, segment);
    }
    if (node.value !== undefined) return node.value;
    node.value = value;
    const texts = segments.flatMap((segment) => (segment.kind === "text" ? segment.text : []));
    if (texts.length === segments.length) this.#fixed.set(`/${texts.join("/")}`, { value, segments: [] });
    return undefined;
  }

  find(path: string): Found<T> | undefined {
    const known = this.#fixed.get(path);
    if (known !== undefined || !path.startsWith("/")) return known;
    const segments: string[] = [];
    const value = walk(this.#root, path, 1, segments);
    return value === undefined ? undefined : { value, segments };
  }
}

function emptyNode<T>(): Node<T> {
  return { texts: new Map(), parameter: undefined, rest: undefined, value: undefined };
}

function addRest<T>(node: Node<T>, value: T, mayBeEmpty: boolean): T | undefined {
  if (node.rest !== undefined) return node.rest.value;
  node.rest = { value, mayBeEmpty };
  return undefined;
}

function childOf<T>(node: Node<T>, segment: TemplateSegment): Node<T> {
  if (segment.kind !== "text") return (node.parameter ??= emptyNode());
  const known = node.texts.get(segment.text);
  if (known !== undefined) return known;
  const made = emptyNode<T>();
  node.texts.set(segment.text, made);
  return made;
}

/** Each node has one way to it, so none is visited twice. */
function walk<T>(node: Node<T>, path: string, start: number, matched: string[]): T | undefined {
  const end = path.indexOf("/", start);
  const segment = end === -1 ? path.slice(start) : path.slice(start, end);
  const byText = node.texts.get(segment);
  const found = byText === undefined ? undefined : descend(byText, path, end, matched);
  if (found !== undefined) return found;
  if (node.parameter !== undefined && isParameterValue(segment)) {
    matched.push(segment);
    const byParameter = descend(node.parameter, path, end, matched);
    if (byParameter !== undefined) return byParameter;
    matched.pop();
  }
  return node.rest === undefined ? undefined : takeRest(node.rest, path.slice(start), matched);
}

/** @param end where the segment that led here ends; -1 for the last */
function descend<T>(node: Node<T>, path: string, end: number, matched: string[]): T | undefined {
  return end === -1 ? node.value : walk(node, path, end + 1, matched);
}

function takeRest<T>({ value, mayBeEmpty }: NonNullable<Node<T>["rest"]>, text: string, matched: string[]): T | undefined {
  if (text === "" ? !mayBeEmpty : !isRestValue(text)) return undefined;
  matched.push(text);
  return value;
}
