/** What a keyword said about strings: by the object or array that holds them, then by key or index. */
export class SchemaMarks<T> {
  #marks: Map<object, Map<string | number, T>> | undefined;
  readonly #merge: (known: T, added: T) => T;

  /** @param merge decides where several schemas meet in one string */
  constructor(merge: (known: T, added: T) => T) {
    this.#merge = merge;
  }

  get isEmpty(): boolean {
    return this.#marks === undefined;
  }

  /** Without holder and key, the mark is for a document that is a string itself. */
  set(holder: object | undefined, key: string | number = "", mark: T): void {
    this.#marks ??= new Map();
    let byKey = this.#marks.get(holder ?? root);
    if (byKey === undefined) this.#marks.set(holder ?? root, (byKey = new Map<string | number, T>()));
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? mark : this.#merge(known, mark));
  }

  get(holder: object | undefined, key: string | number): T | undefined {
    return this.#marks?.get(holder ?? root)?.get(key);
  }
}

const root = {};
