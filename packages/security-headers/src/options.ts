import { option, readOptions } from "@aivillage/middleware";

import { type CspDirectives, type PermissionsPolicy, permissionsPreset, type SecurityHeadersPreset } from "./presets.ts";

/** Options of `securityHeaders()`. */
export interface SecurityHeadersOptions {
  /**
   * `api`: answers are data, nothing in them may run or be framed. `web`: answers are pages that load their own scripts and
   * styles; every request gets a CSP nonce. Default `api`.
   */
  preset?: SecurityHeadersPreset;
  /**
   * Directives of the `Content-Security-Policy` that replace or join those of the preset; `false` for a directive removes it,
   * `false` for the whole sends no policy. Default: those of the preset.
   */
  contentSecurityPolicy?: CspDirectives | false;
  /**
   * Features of the `Permissions-Policy` and their allowlists, such as `{ camera: ["self"] }`; replaces the default, which
   * denies ten sensor and payment features to all. `false` sends none.
   */
  permissionsPolicy?: PermissionsPolicy | false;
  /** Any other header by name: a string sets its value, `false` leaves it out. Wins over everything else. Default `{}`. */
  headers?: Readonly<Record<string, string | false>>;
}

export function readSecurityHeadersOptions(given: SecurityHeadersOptions | undefined) {
  return readOptions("@aivillage/security-headers", given, {
    preset: option.oneOf(["api", "web"], "api"),
    contentSecurityPolicy: option.custom<CspDirectives | false>(
      "false or an object of directives, each false or a list of sources without `;`, `,` or line breaks",
      {},
      (value) => value === false || isRecordOf(value, (sources) => sources === false || isListOf(sources, /^[^;,\s]+$/)),
    ),
    permissionsPolicy: option.custom<PermissionsPolicy | false>(
      "false or an object of features, each a list of `self`, `*` or origins",
      permissionsPreset,
      (value) => value === false || isRecordOf(value, (allowlist) => isListOf(allowlist, /^(self|\*|https?:\/\/[^\s"]+)$/)),
    ),
    headers: option.custom<Readonly<Record<string, string | false>>>(
      "an object of header values, each a string without line breaks or false",
      {},
      (value) => isRecordOf(value, (text) => text === false || (typeof text === "string" && !/[\r\n\0]/.test(text))),
    ),
  });
}

function isRecordOf(value: unknown, accepts: (member: unknown) => boolean): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(accepts);
}

function isListOf(value: unknown, form: RegExp): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string" && form.test(entry));
}
