import { type KeyEntry, keyState } from "@aivillage/api-key-auth/keys-file";

/** An entry as JSON shows it: everything but the digest, with its state. */
export function describeEntry(entry: KeyEntry, nowMs: number): Record<string, unknown> {
  const { sha256: _, ...shown } = entry;
  return { ...shown, state: keyState(entry, nowMs) };
}
