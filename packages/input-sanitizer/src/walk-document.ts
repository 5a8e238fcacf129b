import { isConstructorDetour, isForbiddenKey } from "./forbidden-keys.ts";
import type { Limits } from "./limits.ts";
import { type InputLocation, type Path, placeOf } from "./place.ts";
import { forbiddenKey, malformedInput, tooComplex } from "./problems.ts";
import { tooDeep, tooManyKeys } from "./scan-structure.ts";

/** An object or array of the document with the way back to the root. */
interface Container {
  readonly value: object;
  readonly parent: Container | undefined;
  readonly key: string | number;
  readonly depth: number;
}

/** A string of the document: a value, or a key that is more than a plain name. */
export interface DocumentText {
  readonly text: string;
  readonly holder: Container | undefined;
  readonly key: string | number;
  readonly isKey: boolean;
}

/** What the walk saw. */
export interface WalkedDocument {
  readonly texts: readonly DocumentText[];
  readonly keys: number;
}

/**
 * Visits every value once, without recursion, and holds keys, lengths and characters against the limits.
 *
 * @throws HttpProblem 400 for forbidden keys and characters, 422 at a limit
 */
export function walkDocument(document: unknown, location: InputLocation, limits: Limits): WalkedDocument {
  const walk = new DocumentWalk(location, limits);
  walk.visit(document, undefined, "");
  walk.run();
  return walk;
}

class DocumentWalk implements WalkedDocument {
  readonly texts: DocumentText[] = [];
  keys = 0;
  readonly #pending: Container[] = [];
  readonly #location: InputLocation;
  readonly #limits: Limits;

  constructor(location: InputLocation, limits: Limits) {
    this.#location = location;
    this.#limits = limits;
  }

  run(): void {
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      if (Array.isArray(next.value)) this.#visitArray(next, next.value);
      else this.#visitObject(next, next.value as Record<string, unknown>);
    }
  }

  visit(value: unknown, holder: Container | undefined, key: string | number): void {
    if (typeof value === "string") {
      this.#checkText(value, holder, key);
      if (value.length > 0) this.texts.push({ text: value, holder, key, isKey: false });
    } else if (typeof value === "object" && value !== null) {
      const depth = (holder?.depth ?? 0) + 1;
      if (depth > this.#limits.depth) throw tooDeep(this.#limits);
      this.#pending.push({ value, parent: holder, key, depth });
    }
  }

  #visitArray(container: Container, members: readonly unknown[]): void {
    const { arrayLength } = this.#limits;
    if (members.length > arrayLength) throw tooComplex(`an array of more than ${arrayLength} members`, this.#place(container));
    for (let index = 0; index < members.length; index += 1) this.visit(members[index], container, index);
  }

  #visitObject(container: Container, members: Readonly<Record<string, unknown>>): void {
    for (const key of Object.keys(members)) {
      this.keys += 1;
      if (this.keys > this.#limits.keys) throw tooManyKeys(this.#limits);
      this.#checkText(key, container, key);
      if (isForbiddenKey(key) || isConstructorDetour(key, members[key])) throw forbiddenKey(this.#place(container, key));
      if (!/^\w*$/.test(key)) this.texts.push({ text: key, holder: container, key, isKey: true });
      this.visit(members[key], container, key);
    }
  }

  #checkText(text: string, holder: Container | undefined, key: string | number): void {
    const { stringLength } = this.#limits;
    if (text.length > stringLength) throw tooComplex(`a string of more than ${stringLength} characters`, this.#place(holder, key));
    if (text.includes("\0")) throw malformedInput({ detail: "has a NUL character", ...this.#place(holder, key) });
    if (!text.isWellFormed()) throw malformedInput({ detail: "has half of a surrogate pair", ...this.#place(holder, key) });
  }

  #place(holder: Container | undefined, key?: string | number) {
    return placeOf(this.#location, pathTo(holder, key));
  }
}

/** Keys from the root to a member of a container, or to the container itself. */
export function pathTo(holder: Container | undefined, key?: string | number): Path {
  if (holder === undefined) return [];
  const path = key === undefined ? [] : [key];
  for (let at = holder; at.parent !== undefined; at = at.parent) path.push(at.key);
  return path.toReversed();
}
