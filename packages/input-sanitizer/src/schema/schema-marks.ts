/** Marks that are kept in a list: cheaper than maps to make, and to search while they are few. */
const few = 8;

interface Mark<T> {
  readonly holder: object;
  readonly key: string | number;
  mark: T;
}

/** What a keyword said about strings: by the object or array that holds them, then by key or index. */
export class SchemaMarks<T> {
  readonly #first: Mark<T>[] = [];
  #others: Map<object, Map<string | number, T>> | undefined;
  readonly #merge: (known: T, added: T) => T;

  /** @param merge decides where several schemas meet in one string */
  constructor(merge: (known: T, added: T) => T) {
    this.#merge = merge;
  }

  get isEmpty(): boolean {
    return this.#first.length === 0;
  }

  /** Without holder and key, the mark is for a document that is a string itself. */
  set(holder: object = root, key: string | number = "", mark: T): void {
    const known = this.#find(holder, key);
    if (known !== undefined) known.mark = this.#merge(known.mark, mark);
    else if (this.#first.length < few) this.#first.push({ holder, key, mark });
    else this.#setOther(holder, key, mark);
  }

  get(holder: object = root, key: string | number): T | undefined {
    const known = this.#find(holder, key);
    return known === undefined ? this.#others?.get(holder)?.get(key) : known.mark;
  }

  #find(holder: object, key: string | number): Mark<T> | undefined {
    for (const each of this.#first) if (each.holder === holder && each.key === key) return each;
    return undefined;
  }

  #setOther(holder: object, key: string | number, mark: T): void {
    this.#others ??= new Map();
    let byKey = this.#others.get(holder);
    if (byKey === undefined) this.#others.set(holder, (byKey = new Map<string | number, T>()));
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? mark : this.#merge(known, mark));
  }
}

const root = {};
