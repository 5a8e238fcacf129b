/** More than a busy process needs to respond. Less would leave a viewer without what it has; more would hold back the other sources for longer. */
const patienceMs = 2_000;

/** What one source cannot say, or does not say in time, must not cost the viewers all the others. */
export async function attempt<T>(problems: string[], what: string, read: () => T | Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(reject, patienceMs, new Error(`no response within ${patienceMs} ms`)).unref();
  });
  try {
    return await Promise.race([read(), silence]);
  } catch {
    problems.push(`${what} cannot be read at the moment.`);
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
