const whole = /^(?:[\w.-]{1,30}=)?([A-Za-z0-9+/]{12,2000}={0,2})$/;
// oxlint-disable-next-line no-control-regex -- control characters are the point
const printable = /^[\t\n\r\u0020-\u007e]+$/;

/** What a text is in base64, if it is nothing else, perhaps after a name, and readable: a separate value. */
export function base64Values(text: string): string[] {
  const encoded = whole.exec(text)?.[1];
  if (encoded === undefined || encoded.length % 4 !== 0) return [];
  const decoded = Buffer.from(encoded, "base64").toString("latin1");
  return printable.test(decoded) ? [decoded] : [];
}
