/** Makes a tree of objects and arrays unchangeable, and returns it. */
export function deepFreeze<T extends object>(tree: T): T {
  for (const child of Object.values(tree)) if (typeof child === "object" && child !== null) deepFreeze(child);
  return Object.freeze(tree);
}
