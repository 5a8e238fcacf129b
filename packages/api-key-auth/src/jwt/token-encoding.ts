/**
 * Whether each part of a token is written in the one way that RFC 7515, 2 allows: base64url without padding, white space or bits that
 * encode nothing. Otherwise one token would have many texts.
 */
export function isCanonical(token: string): boolean {
  return token.split(".").every((part) => Buffer.from(part, "base64url").toString("base64url") === part);
}
