/** The variables of a child process: these, the path, and the cache of compiled modules, if there is one; nothing of this process else. */
export function childEnv(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = "", NODE_COMPILE_CACHE: cache } = process.env;
  return { PATH, ...(cache !== undefined && { NODE_COMPILE_CACHE: cache }), ...env };
}
