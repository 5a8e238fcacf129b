import { recogniseAcrossCopies } from "@aivillage/middleware";

/** Why a keys file could not be read or changed; codes stay, messages may be reworded. */
export type KeysFileErrorCode =
  /** There is no such file, or this user may not read it. */
  | "unreadable"
  /** Its content is not valid, before or after the change. */
  | "invalid"
  /** Others may read or write it, so it is not changed. */
  | "exposed"
  /** Another command is changing it. */
  | "locked"
  /** It has changed while it was being changed. */
  | "changed"
  /** No key of the file is meant. */
  | "unknown-key"
  /** The key to rotate expires: the caller must say when the new one does. */
  | "expiry-required";

/** A problem with a keys file. The message holds no key and no digest. */
export class KeysFileError extends Error {
  override readonly name = "KeysFileError";
  readonly code: KeysFileErrorCode;
  /** Each problem with its remedy; the message joins them. */
  readonly problems: readonly string[];

  static {
    recogniseAcrossCopies(this, "@aivillage/api-key-auth.KeysFileError");
  }

  constructor(code: KeysFileErrorCode, problems: readonly string[]) {
    super(problems.join("\n"));
    this.code = code;
    this.problems = problems;
  }
}
