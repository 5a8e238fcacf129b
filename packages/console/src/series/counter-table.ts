/** The key of what finds no place of its own. */
export const overflowKey = "_OVERFLOW";

/** Longest key, in UTF-16 code units. */
const maxKeyLength = 200;

/** Rows of counters that only grow, each under a key. A row costs a request one look-up. */
export interface CounterTable {
  /** The numbers of a key; of a shared row when there are as many keys as there may be. */
  row(key: string): number[];
  /** A copy of every row that there is. */
  entries(): [key: string, row: number[]][];
}

export function counterTable(width: number, maxKeys: number): CounterTable {
  const rows = new Map<string, number[]>();

  function add(key: string): number[] {
    const name = rows.size < maxKeys - 1 ? key.slice(0, maxKeyLength) : overflowKey;
    const known = rows.get(name);
    if (known !== undefined) return known;
    const made = Array.from({ length: width }, () => 0);
    rows.set(name, made);
    return made;
  }

  return { row: (key) => rows.get(key) ?? add(key), entries: () => Array.from(rows, ([key, row]) => [key, row.slice()]) };
}

/** Adds to one number of a row. */
export function count(row: number[], index: number, amount = 1): void {
  row[index] = (row[index] ?? 0) + amount;
}
