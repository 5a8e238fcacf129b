import { hash } from "node:crypto";

import { developmentKeys } from "../settings/auth-settings.ts";

/** Keys that stand in this project's documentation, examples and manifests. Anyone can read them, so no production gateway accepts one. */
const publishedKeys: readonly string[] = [
  developmentKeys.apiKey,
  developmentKeys.secretKey,
  "aiv_k3J9dE7xQ2pL.a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V0MyWQQ",
  // The example of earlier versions of the documentation.
  "aiv_k3J9dE7xQ2pL.a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2wXyZ0a",
  "the-old-key-of-ada",
  "the-new-key-of-ada",
];

/** Digests that the documentation shows, in lower-case hex: of a made-up key, of `test`, and of the empty text. */
const publishedDigests: ReadonlySet<string> = new Set([
  "3b0c7d4a5a3f2f4b7e0f3a4fd4a6c1be6b0d2b6f0f4f7c54b5a8e6a9f1d2c3b4",
  "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "424bae331baff6a93bb3e2a7989f3fb4dce17481d2724dca66a1787cd45cbe35",
  ...publishedKeys.map((key) => hash("sha256", key)),
]);

/** Letters and digits in lower case, so that another case or separator makes no other key. */
export function plainKey(key: string): string {
  return key.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

const plainPublished = publishedKeys.map(plainKey).flatMap((key) => [key, reversed(key)]);

/** Whether a published key stands in it, whatever was put before or after, in any case and also backwards. */
export function containsPublishedKey(key: string): boolean {
  const plain = plainKey(key);
  return plainPublished.some((published) => plain.includes(published));
}

export function isPublishedDigest(sha256: string): boolean {
  return publishedDigests.has(sha256.toLowerCase());
}

export function reversed(text: string): string {
  return Array.from(text).toReversed().join("");
}
