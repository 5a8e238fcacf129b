import { bearerOnly, type Carriers } from "./carriers.ts";

/** How an `apiKeyAuth()` asks for credentials. */
export interface Challenges {
  /** How to send credentials, for people. */
  readonly usage: string;
  /**
   * The value of `WWW-Authenticate`: one challenge for each carrier (RFC 9110, 11.6.1), with the error code and the scope of RFC 6750, 3.
   */
  header(code: string | undefined, scopes: readonly string[]): string;
}

export function makeChallenges({ usage, challenges }: Carriers, realm: string): Challenges {
  return {
    usage,
    header(code, scopes) {
      const error = code === undefined ? "" : `, error="${code}"`;
      const scope = scopes.length === 0 ? "" : `, scope="${scopes.join(" ")}"`;
      return challenges.map(({ scheme, parameters }) => `${scheme} realm="${realm}"${parameters}${error}${scope}`).join(", ");
    },
  };
}

/** Those of a route that no `apiKeyAuth()` has been before. */
export const usualChallenges = makeChallenges(bearerOnly, "api");
