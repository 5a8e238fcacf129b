import type { KeyBudget } from "@aivillage/api-key-auth";
import { createKey } from "@aivillage/api-key-auth/keys-file";

import { describeEntry } from "../../state/describe-key.ts";
import { CommandError } from "../cli-error.ts";
import { type CliIo, show } from "../cli-io.ts";
import { keysCheck } from "./check-keys.ts";
import { type ChangeFlags, keysFileOf, say } from "./keys-flags.ts";
import { readInstant } from "./time.ts";

/** The flags of `keys create`. */
export interface CreateFlags extends ChangeFlags {
  readonly name?: string;
  readonly tier?: string;
  readonly tenant?: string;
  readonly budget?: readonly string[];
  readonly scope?: readonly string[];
  readonly address?: readonly string[];
  readonly notBefore?: string;
  readonly expires?: string;
  readonly prefix?: string;
}

/** `keys create`: makes a key for a client and prints it. */
export async function create(id: string, options: CreateFlags, io: CliIo): Promise<number> {
  const path = keysFileOf(options, io);
  const nowMs = (io.now ?? Date.now)();
  const { name, tier, tenant, budget: budgets, scope: scopes, address: addresses, notBefore, expires, prefix } = options;
  const { key, entry } = await createKey(path, {
    id,
    name,
    tier,
    tenant,
    budgets: budgets?.map(readBudget),
    scopes,
    addresses,
    prefix,
    notBefore: notBefore === undefined ? undefined : readInstant(notBefore, "--not-before", nowMs),
    expiresAt: expires === undefined || expires === "never" ? undefined : readInstant(expires, "--expires", nowMs),
    check: keysCheck(path, options, io),
    now: () => nowMs,
  });
  say(io, `Key ${entry.keyId} of ${entry.id} is in ${path}. It is shown only this once:`);
  show(io, options, `${key}\n`, { ...describeEntry(entry, nowMs), key });
  return 0;
}

/** Such as `daily=200000`. @throws CommandError for another form */
function readBudget(text: string): KeyBudget {
  const [, name = "", limit = ""] = /^([\w.-]{1,64})=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (name === "") throw new CommandError(`--budget must be a name and a limit such as daily=200000, got ${JSON.stringify(text)}`, 2);
  return { name, limit: Number(limit) };
}
