export { type ExpiringKey, expiringKeys } from "./expiring-keys.ts";
export { followKeysFile, type FollowedKeysFile, type FollowKeysFileOptions } from "./follow-keys-file.ts";
export { isInstant } from "../keys/instant.ts";
export { isClientId, type KeyEntry, keyState, type KeyState, toApiKeys } from "./key-entry.ts";
export {
  createKey,
  type CreatedKey,
  type CreateKeyOptions,
  type Revocation,
  revokeKeys,
  type RevokeKeysOptions,
} from "./key-operations.ts";
export { KeysFileError, type KeysFileErrorCode } from "./keys-file-error.ts";
export { parseKeysFile } from "./parse-keys-file.ts";
export { type ReadKeysFile, readKeysFile } from "./read-keys-file.ts";
export { type ExpiryWarningsOptions, warnOfExpiringKeys } from "./warn-of-expiring-keys.ts";
export { rotateKeys, type RotateKeysOptions, type Rotation } from "./rotate-keys.ts";
export type { KeysFileCheck } from "./update-keys-file.ts";
