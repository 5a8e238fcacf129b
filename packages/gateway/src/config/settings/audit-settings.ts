import { setting } from "./setting.ts";

/** Where calls of models are recorded, so that nobody can change the records unnoticed. */
export const auditSettings = {
  file: setting(
    "AUDIT_FILE",
    "text",
    "",
    "File that records each call of AI routes, chained so that changes are detected; none: no records",
  ),
  key: setting(
    "AUDIT_KEY",
    "optional-secret",
    "",
    "Secret for the digests of `AUDIT_FILE`; without it anyone who can write the file can rebuild its chain",
    { sensitive: true },
  ),
  onFailure: setting<"refuse" | "continue">(
    "AUDIT_ON_FAILURE",
    "audit-failure",
    "continue",
    "What happens to calls while `AUDIT_FILE` cannot be written: `refuse` with 503, or `continue` and count what is lost",
  ),
};
