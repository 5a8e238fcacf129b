import type { SecretFiles } from "../state/secret-files.ts";
import type { KeyProblem } from "../state/telemetry/key-problems.ts";

/** What the headers for a service are made from, beside the configuration. */
export interface UpstreamContext {
  readonly secrets: SecretFiles;
  /** Whether a text is a key that this gateway knows, valid or not. */
  readonly isOwnKey: (text: string) => boolean;
  /** Headers that may hold the key or token of a client, in lower case. */
  readonly carriers: readonly string[];
  /** Reports what is wrong with a key that the gateway sends to a service. */
  readonly reportKey: (found: KeyProblem) => void;
}
