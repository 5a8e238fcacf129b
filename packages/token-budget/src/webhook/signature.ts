import { createHmac } from "node:crypto";

const prefix = "whsec_";

export const secretExpected = '"whsec_" and 24 to 64 random bytes in Base64, as `echo whsec_$(openssl rand -base64 32)` prints';

/** The bytes of a secret; `undefined` for a text that is none. */
export function secretBytes(secret: unknown): Buffer | undefined {
  if (typeof secret !== "string" || !secret.startsWith(prefix)) return undefined;
  const text = secret.slice(prefix.length);
  const bytes = Buffer.from(text, "base64");
  const isBase64 = bytes.toString("base64").replace(/=+$/, "") === text.replace(/=+$/, "");
  return isBase64 && bytes.length >= 24 && bytes.length <= 64 ? bytes : undefined;
}

/** The headers of a message, as the Standard Webhooks specification 1.0.0 has them. */
export function signedHeaders(secret: Buffer, { id, body, timeMs }: { id: string; body: string; timeMs: number }): Record<string, string> {
  const timestamp = String(Math.floor(timeMs / 1_000));
  const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
