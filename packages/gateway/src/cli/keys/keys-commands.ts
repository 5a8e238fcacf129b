import { createKey } from "../../../../api-key-auth/src/keys-file/key-operations.ts";
import { rotateKeys } from "../../../../api-key-auth/src/keys-file/rotate-keys.ts";
import { readKeysFile } from "../../../../api-key-auth/src/keys-file/update-keys-file.ts";
import { revokeKeys } from "../../../../api-key-auth/src/keys-file/revoke-keys.ts";
import { CommandError, explain } from "../cli-error.ts";
import type { KeysIo } from "../cli-io.ts";
import { type KeysArguments, readKeysArguments } from "./keys-arguments.ts";
import { describeEntry, keysTable } from "./show-keys.ts";
import { keysUsage } from "./usage.ts";
import { verifyKey } from "./verify-key.ts";

/**
 * Runs `aivillage-gateway keys …`.
 *
 * @param args the command line after `keys`
 * @returns the exit code: 0 done, or the key is valid; 1 it could not be done; 2 the command line is wrong; 3 the key is not valid
 */
export async function runKeysCommand(args: readonly string[], io: KeysIo): Promise<number> {
  try {
    return await run(readKeysArguments(args), io);
  } catch (error) {
    return explain("keys", error, io.stderr);
  }
}

async function run({ command, subject, options }: KeysArguments, io: KeysIo): Promise<number> {
  if (command === "help") return print(io, keysUsage);
  const path = options.file ?? io.defaultFile;
  if (path === "") throw new CommandError("which keys file? Give --file FILE, or set API_KEYS_FILE", 2);
  const nowMs = io.now();
  const show = (text: string, data: unknown): number => print(io, options.json === true ? `${JSON.stringify(data)}\n` : text);
  const say = (text: string): void => void io.stderr.write(`${text}\n`);

  if (command === "create") {
    const { key, entry } = await createKey(path, subject, options, nowMs);
    say(`Key ${entry.keyId} of ${entry.id} is in ${path}. It is shown only this once:`);
    return show(`${key}\n`, { ...describeEntry(entry, nowMs), key });
  }
  if (command === "rotate") {
    const { key, entry, replaced } = await rotateKeys(path, subject, options, nowMs);
    for (const { keyId, endsAt } of replaced) say(`The old key ${keyId ?? "without key id"} of ${entry.id} ends at ${endsAt}.`);
    say(`The new key ${entry.keyId} of ${entry.id} is in ${path}. It is shown only this once:`);
    return show(`${key}\n`, { ...describeEntry(entry, nowMs), key, replaced });
  }
  if (command === "revoke") {
    const revoked = await revokeKeys(path, subject);
    const text = revoked.map(({ id, keyId }) => `Revoked ${keyId ?? "the key without key id"} of ${id}.\n`).join("");
    return show(text, { revoked: revoked.map(({ id, keyId }) => ({ id, keyId })) });
  }
  const entries = readKeysFile(path, say);
  if (command === "list")
    return show(
      keysTable(entries, nowMs),
      entries.map((entry) => describeEntry(entry, nowMs)),
    );
  const verdict = await verifyKey(entries, io.stdin, options.address?.at(-1), nowMs);
  if (typeof verdict === "string") {
    show(`not valid: ${verdict}\n`, { valid: false, reason: verdict });
    return 3;
  }
  const { id, keyId, tier, scopes } = verdict;
  return show(`valid: ${keyId ?? "key"} of ${id}, tier ${tier}, scopes ${scopes.join(" ") || "none"}\n`, {
    valid: true,
    id,
    keyId,
    tier,
    scopes,
  });
}

function print({ stdout }: KeysIo, text: string): number {
  stdout.write(text);
  return 0;
}
