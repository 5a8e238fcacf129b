import { option, OptionError } from "@aivillage/middleware";

import { packageName } from "../options.ts";
import type { AuditKey } from "./chain.ts";

const leastKeyBytes = 16;

/** The rule of the option `key`. `checkKey()` does the rest, because errors of rules show the value. */
export const keyRule = option.custom<AuditKey>("a string or bytes", undefined, () => true);

/** @throws OptionError for a key that is too short; it does not show the key */
export function checkKey(key: AuditKey): AuditKey {
  const isText = typeof key === "string" || key instanceof Uint8Array;
  if (key === undefined || (isText && Buffer.byteLength(key) >= leastKeyBytes)) return key;
  throw new OptionError({ packageName, option: "key", expected: `a string or bytes, at least ${leastKeyBytes} bytes` });
}
