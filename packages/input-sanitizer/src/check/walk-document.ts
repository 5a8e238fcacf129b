import type { HttpProblem } from "@aivillage/middleware";

import type { Limits } from "../options/limits.ts";
import { type InputLocation, type Path, type ValueLocation, locationOf } from "../problems/location.ts";
import { forbiddenKey, invalidInput, malformedInput, tooComplex } from "../problems/problems.ts";
import { tooDeep, tooManyKeys } from "../read/scan-structure.ts";
import { changesPrototypes, isConstructorDetour, isOperator, isPlainName } from "./forbidden-keys.ts";
import { isMediaData } from "./media-data.ts";

/** An object or array of the document with the way back to the root. */
export interface Container {
  readonly value: object;
  readonly parent: Container | undefined;
  readonly key: string | number;
}

/** A string of the document: a value, or a key that is more than a plain name. */
export interface DocumentText {
  readonly text: string;
  readonly holder: Container | undefined;
  readonly key: string | number;
  readonly isKey: boolean;
}

/** A string or key that is refused, unless the schema says that its place may hold it. */
export interface Suspect extends DocumentText {
  readonly toProblem: () => HttpProblem;
}

/** What the walk saw. */
export interface WalkedDocument {
  readonly texts: readonly DocumentText[];
  readonly suspects: readonly Suspect[];
  readonly keys: number;
  /** Objects, arrays and plain values together. */
  readonly values: number;
}

/**
 * Visits every value once and holds keys, lengths, characters and numbers against the limits.
 *
 * Operators and broken text are listed as suspects, because only the schema knows whether a model alone reads them.
 *
 * @throws HttpProblem 400 for keys that change prototypes, 422 at a limit
 */
export function walkDocument(document: unknown, location: InputLocation, limits: Limits): WalkedDocument {
  const walk = new DocumentWalk(location, limits);
  walk.visit(document, undefined, "", 0);
  return walk;
}

class DocumentWalk implements WalkedDocument {
  readonly texts: DocumentText[] = [];
  readonly suspects: Suspect[] = [];
  keys = 0;
  values = 0;
  readonly #location: InputLocation;
  readonly #limits: Limits;

  constructor(location: InputLocation, limits: Limits) {
    this.#location = location;
    this.#limits = limits;
  }

  /** Goes as deep as the limit, which is small enough for the stack. */
  visit(value: unknown, holder: Container | undefined, key: string | number, depth: number): void {
    this.values += 1;
    if (typeof value === "string") this.#visitText(value, holder, key);
    else if (typeof value === "number") this.#visitNumber(value, holder, key);
    else if (typeof value === "object" && value !== null) {
      if (depth >= this.#limits.depth) throw tooDeep(this.#limits);
      const container = { value, parent: holder, key };
      if (Array.isArray(value)) this.#visitArray(container, value, depth + 1);
      else this.#visitObject(container, value as Readonly<Record<string, unknown>>, depth + 1);
    }
  }

  #visitArray(container: Container, members: readonly unknown[], depth: number): void {
    const { arrayLength } = this.#limits;
    if (members.length > arrayLength) throw tooComplex(`an array of more than ${arrayLength} members`, this.#locate(container));
    for (let index = 0; index < members.length; index += 1) this.visit(members[index], container, index, depth);
  }

  #visitObject(container: Container, members: Readonly<Record<string, unknown>>, depth: number): void {
    for (const key of Object.keys(members)) {
      this.keys += 1;
      if (this.keys > this.#limits.keys) throw tooManyKeys(this.#limits);
      if (!isPlainName(key) || key.length > this.#limits.stringLength) this.#visitKey(key, container, members[key]);
      this.visit(members[key], container, key, depth);
    }
  }

  #visitKey(key: string, container: Container, value: unknown): void {
    if (changesPrototypes(key) || isConstructorDetour(key, value)) throw forbiddenKey(this.#locate(container, key));
    const text = { text: key, holder: container, key, isKey: true };
    this.#checkText(text);
    if (isOperator(key)) this.#suspect(text, forbiddenKey);
    if (/\W/.test(key)) this.texts.push(text);
  }

  #visitText(text: string, holder: Container | undefined, key: string | number): void {
    if (isMediaData(text, holder, key)) return this.#checkLength(text, "mediaLength", holder, key);
    const found = { text, holder, key, isKey: false };
    this.#checkText(found);
    if (text.length > 0) this.texts.push(found);
  }

  /** A number that is too large for a double would be read as infinite here, and as something else by others. */
  #visitNumber(value: number, holder: Container | undefined, key: string | number): void {
    if (!Number.isFinite(value)) throw invalidInput([{ detail: "must be a number of less than 309 digits", ...this.#locate(holder, key) }]);
  }

  #checkText(found: DocumentText): void {
    const { text, holder, key } = found;
    this.#checkLength(text, "stringLength", holder, key);
    if (text.includes("\0")) this.#suspect(found, (at) => malformedInput({ detail: "has a NUL character", ...at }));
    else if (!text.isWellFormed()) this.#suspect(found, (at) => malformedInput({ detail: "has half of a surrogate pair", ...at }));
  }

  #suspect(found: DocumentText, problemAt: (at: ValueLocation) => HttpProblem): void {
    this.suspects.push({ ...found, toProblem: () => problemAt(this.#locate(found.holder, found.key)) });
  }

  #checkLength(text: string, limit: "stringLength" | "mediaLength", holder: Container | undefined, key: string | number): void {
    const most = this.#limits[limit];
    if (text.length > most) throw tooComplex(`a string of more than ${most} characters`, this.#locate(holder, key));
  }

  #locate(holder: Container | undefined, key?: string | number) {
    return locationOf(this.#location, pathTo(holder, key));
  }
}

/** Keys from the root to a member of a container, or to the container itself. */
export function pathTo(holder: Container | undefined, key?: string | number): Path {
  if (holder === undefined) return [];
  const path = key === undefined ? [] : [key];
  for (let at = holder; at.parent !== undefined; at = at.parent) path.push(at.key);
  return path.toReversed();
}
