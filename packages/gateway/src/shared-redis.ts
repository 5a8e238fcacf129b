/** Before the names of all that gateways count together. */
export const countsPrefix = "aivillage:rate-limit:";

/** Why Redis could not be asked. Its refusals begin with their kind, such as `WRONGPASS`; what follows may quote what was sent, and so the password. */
export function redisFault({ code, message, name }: NodeJS.ErrnoException): string {
  return code ?? /^[A-Z]+(?= )/.exec(message)?.[0] ?? name;
}
