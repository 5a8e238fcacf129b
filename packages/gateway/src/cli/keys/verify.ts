import { isIP } from "node:net";

import { KeyRing } from "@aivillage/api-key-auth";
import { toApiKeys } from "@aivillage/api-key-auth/keys-file";

import { CommandError } from "../cli-error.ts";
import { type CliIo, show } from "../cli-io.ts";
import type { KeysFlags } from "./keys-flags.ts";
import { readEntries } from "./list.ts";

/** The flags of `keys verify`. */
export interface VerifyFlags extends KeysFlags {
  readonly address?: string;
}

/** More than any key has. */
const mostCharacters = 8_192;

/** `keys verify`: prints whether the gateway would accept the key on standard input, as far as the keys file decides it. */
export async function verify(extra: readonly string[], options: VerifyFlags, io: CliIo): Promise<number> {
  if (extra.length > 0)
    throw new CommandError("leave the argument out: the key is read from standard input, so that no history keeps it", 2);
  if (options.address !== undefined && isIP(options.address) === 0)
    throw new CommandError("--address must be an IP address such as 10.1.2.3", 2);
  const entries = readEntries(options, io);
  const ring = new KeyRing(toApiKeys(entries));
  const verdict = ring.check(await readKey(io.stdin), (io.now ?? Date.now)(), options.address);
  if (typeof verdict === "string") {
    show(io, options, `not valid: ${verdict}\n`, { valid: false, reason: verdict });
    return 3;
  }
  const { id, keyId, tier, scopes } = verdict;
  const text = `valid: ${keyId ?? "key"} of ${id}, tier ${tier}, scopes ${scopes.join(" ") || "none"}\n`;
  show(io, options, text, { valid: true, id, keyId, tier, scopes });
  return 0;
}

async function readKey(input: CliIo["stdin"]): Promise<string> {
  let text = "";
  for await (const chunk of input) {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("latin1");
    if (text.length > mostCharacters) throw new CommandError("standard input is too long to be a key");
  }
  const key = text.replace(/\r?\n$/, "");
  if (key === "") throw new CommandError("no key on standard input");
  return key;
}
