import { OutboundProxyError } from "./outbound-proxy.ts";

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  ERR_HTTP_CONTENT_LENGTH_MISMATCH: "connection reset",
  ERR_STREAM_PREMATURE_CLOSE: "connection reset",
  ETIMEDOUT: "timed out",
  ENOTFOUND: "name not found",
  EAI_AGAIN: "name not found",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "host unreachable",
  EPROTO: "TLS failed",
  CERT_HAS_EXPIRED: "TLS failed",
  DEPTH_ZERO_SELF_SIGNED_CERT: "TLS failed",
  SELF_SIGNED_CERT_IN_CHAIN: "TLS failed",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "TLS failed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "TLS failed",
};

/** The error in a few words. Its own message is not used, because it contains addresses and anyone may read the response. */
export function failureText(error: unknown): string {
  if (error instanceof OutboundProxyError) {
    return error.status === undefined ? `outbound proxy: ${failureText(error.cause)}` : `outbound proxy responded with ${error.status}`;
  }
  const code = String((Object(error) as { code?: unknown }).code);
  if (code.startsWith("HPE_")) return "not an HTTP response";
  if (code.startsWith("ERR_TLS_") || code.startsWith("ERR_SSL_")) return "TLS failed";
  return Object.hasOwn(byCode, code) ? (byCode[code] ?? "") : "probe failed";
}
