/** Makes a function that computes its value once for each key, and keeps it as long as the key. */
export function memoized<Key extends object, Value>(compute: (key: Key) => Value): (key: Key) => Value {
  const values = new WeakMap<Key, Value>();
  return (key) => {
    const known = values.get(key) ?? compute(key);
    values.set(key, known);
    return known;
  };
}
