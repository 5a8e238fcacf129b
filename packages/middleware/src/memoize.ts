/** Longer texts, such as a header that a client fills up, are computed each time. */
const longestKept = 64;

/**
 * A function of a text that keeps its results for the texts in use: between `most` and twice as many, in two generations, so that a
 * flood of new texts does not push out those that come again and again.
 */
export function memoize<T>(most: number, compute: (text: string) => T): (text: string) => T {
  let young = new Map<string, T>();
  let old = new Map<string, T>();

  function keep(text: string, result: T): T {
    if (text.length > longestKept) return result;
    if (young.size >= most) [old, young] = [young, new Map()];
    // A part of a header would keep the whole header in memory.
    young.set(Buffer.from(text).toString(), result);
    return result;
  }

  return (text) => young.get(text) ?? keep(text, old.get(text) ?? compute(text));
}
