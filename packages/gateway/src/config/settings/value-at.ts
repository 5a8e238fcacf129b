/** The value at a key of dots, such as `server.port`; `undefined` where a part is missing. */
export function valueAt(tree: object, key: string): unknown {
  return key.split(".").reduce<unknown>((node, name) => (node as Record<string, unknown> | undefined)?.[name], tree);
}
