import { OutboundProxyError } from "./outbound-proxy.ts";

const notTrusted = "certificate not trusted";

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
  // Only the path of a Unix socket can be missing, forbidden or too long.
  ENOENT: "no such socket",
  ENOTDIR: "no such socket",
  EACCES: "no permission for the socket",
  EPERM: "no permission for the socket",
  EINVAL: "not a valid address",
  EMFILE: "too many open files",
  ENFILE: "too many open files",
  EPROTO: "TLS failed",
  CERT_HAS_EXPIRED: "certificate expired",
  CERT_NOT_YET_VALID: "certificate not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate for another name",
  CERT_CHAIN_TOO_LONG: notTrusted,
  CERT_REJECTED: notTrusted,
  CERT_REVOKED: notTrusted,
  CERT_SIGNATURE_FAILURE: notTrusted,
  CERT_UNTRUSTED: notTrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: notTrusted,
  INVALID_CA: notTrusted,
  INVALID_PURPOSE: notTrusted,
  SELF_SIGNED_CERT_IN_CHAIN: notTrusted,
  UNABLE_TO_GET_ISSUER_CERT: notTrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: notTrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: notTrusted,
};

/** The service has refused the certificate of the probe, or demands one. */
const clientRefused = /^ERR_SSL_.*_ALERT_(BAD_CERTIFICATE|CERTIFICATE_|NO_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE)/;

/** The certificate or key of the options cannot be used. */
const ownCertificate = /^ERR_OSSL_/;

/** The error in a few words. Its own message is not used, because it contains addresses and anyone may read the response. */
export function failureText(error: unknown): string {
  if (error instanceof OutboundProxyError) {
    return error.status === undefined ? `outbound proxy: ${failureText(error.cause)}` : `outbound proxy responded with ${error.status}`;
  }
  const code = String((Object(error) as { code?: unknown }).code);
  // Of a stream it is a reset by the service, and what the session cannot read is another protocol.
  if (code === "ERR_HTTP2_ERROR" || code === "ERR_HTTP2_SESSION_ERROR") return "not an HTTP/2 response";
  if (code.startsWith("ERR_HTTP2_")) return "connection reset";
  if (code.startsWith("HPE_")) return "not an HTTP response";
  if (clientRefused.test(code)) return "client certificate refused";
  if (ownCertificate.test(code)) return "own certificate or key not valid";
  if (Object.hasOwn(byCode, code)) return byCode[code] ?? "";
  return code.startsWith("ERR_TLS_") || code.startsWith("ERR_SSL_") ? "TLS failed" : "probe failed";
}
