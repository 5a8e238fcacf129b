import { revokeKeys } from "@aivillage/api-key-auth/keys-file";

import { type CliIo, show } from "../cli-io.ts";
import { keysCheck } from "./check-keys.ts";
import { type ChangeFlags, keysFileOf, say } from "./keys-flags.ts";

/** `keys revoke`: revokes a key, or all keys of a client. */
export async function revoke(which: string, options: ChangeFlags, io: CliIo): Promise<number> {
  const path = keysFileOf(options, io);
  const { revoked, problems } = await revokeKeys(path, which, { check: keysCheck(path, options, io) });
  const isInEffect = problems.length === 0;
  const verb = isInEffect ? "Revoked" : "Wrote the revocation of";
  const text = revoked.map(({ id, keyId }) => `${verb} ${keyId ?? "the key without key id"} of ${id}.\n`).join("");
  show(io, options, text, { revoked: revoked.map(({ id, keyId }) => ({ id, keyId })), ...(!isInEffect && { problems }) });
  if (isInEffect) return 0;
  say(io, `NOT IN EFFECT: the gateway keeps its previous keys, this one among them, until these problems of ${path} are fixed:`);
  for (const problem of problems) say(io, `- ${problem}`);
  return 1;
}
