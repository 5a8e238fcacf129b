/** Scheme and authority, without a user: a client that sends one is up to something (RFC 9110, 4.2.4). */
const origin = /^https?:\/\/([^/?#@\\]+)(?=[/?]|$)/i;

/**
 * The target of a request in origin form, also when it came in absolute form (`GET http://host/path`), which every server must
 * accept (RFC 9112, 3.2.2). What has neither form stays as it is.
 */
export function originForm(target: string): string {
  if (target.startsWith("/")) return target;
  const found = origin.exec(target);
  if (found === null) return target;
  const rest = target.slice(found[0].length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** The host and port that a target in absolute form names; `undefined` in any other form. */
export function hostOfTarget(target: string): string | undefined {
  return origin.exec(target)?.[1];
}
