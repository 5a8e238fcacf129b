/** What a keyword said about strings: by the object or array that holds them, then by key or index. */
export class SchemaMarks<T> {
  readonly #root = {};
  readonly #marks = new Map<object, Map<string | number, T>>();
  readonly #merge: (known: T, added: T) => T;

  /** @param merge decides where several schemas meet in one string */
  constructor(merge: (known: T, added: T) => T) {
    this.#merge = merge;
  }

  get isEmpty(): boolean {
    return this.#marks.size === 0;
  }

  set(holder: object | undefined, key: string | number, mark: T): void {
    const byKey = this.#marks.get(holder ?? this.#root) ?? new Map<string | number, T>();
    this.#marks.set(holder ?? this.#root, byKey);
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? mark : this.#merge(known, mark));
  }

  get(holder: object | undefined, key: string | number): T | undefined {
    return this.#marks.get(holder ?? this.#root)?.get(key);
  }
}
