/** What one source cannot say must not cost the viewers all the others. */
export async function attempt<T>(faults: string[], what: string, read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch {
    faults.push(`${what} cannot be read at the moment.`);
    return undefined;
  }
}
