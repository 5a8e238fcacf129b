import { KeyRing, type KeyVerdict } from "@aivillage/api-key-auth";

import { type ApiKeyEntry, toApiKeys } from "../../config/api-keys-file.ts";
import { CommandError } from "../cli-error.ts";

/** More than any key has. */
const mostCharacters = 8_192;

/** What the gateway would say to the key on `input`, as far as the keys file goes. */
export async function verifyKey(
  entries: readonly ApiKeyEntry[],
  input: AsyncIterable<string | Uint8Array>,
  address: string | undefined,
  nowMs: number,
): Promise<KeyVerdict> {
  const key = await readKey(input);
  return new KeyRing(toApiKeys(entries)).check(key, nowMs, address);
}

async function readKey(input: AsyncIterable<string | Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of input) {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("latin1");
    if (text.length > mostCharacters) throw new CommandError("what came on standard input is too long to be a key");
  }
  const key = text.replace(/\r?\n$/, "");
  if (key === "") throw new CommandError("no key came on standard input");
  return key;
}
