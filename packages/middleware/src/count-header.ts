/**
 * How many lines of a message have this name (RFC 9110, 5.3). Node keeps the first of several where there must be one, such as `Host` or
 * `Authorization`, while another server may take the last.
 *
 * @param rawHeaders names and values in turns, as in `req.rawHeaders`
 * @param name in lower case
 */
export function countHeader(rawHeaders: readonly string[] | undefined, name: string): number {
  // Requests made for tests, as by node-mocks-http, have only `headers`.
  if (rawHeaders === undefined) return 0;
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const other = rawHeaders[at];
    if (other?.length === name.length && other.toLowerCase() === name) count += 1;
  }
  return count;
}
