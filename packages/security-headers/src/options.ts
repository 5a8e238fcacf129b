import { isPlainObject, isValidHeader, option, readOptions } from "@aivillage/middleware";

import { helmetOptions } from "./helmet-options.ts";
import type { CspDirectives } from "./policies/content-security-policy.ts";
import type { PermissionsPolicy } from "./policies/permissions-policy.ts";
import { packageName } from "./policies/policy-names.ts";
import { permissionsPreset, type SecurityHeadersPreset } from "./presets.ts";

/** Options of `securityHeaders()`. */
export interface SecurityHeadersOptions {
  /**
   * `api`: responses are data, nothing in them may run or be framed. `web`: responses are pages that load their own scripts and
   * styles; every request gets a CSP nonce. Default `api`.
   */
  preset?: SecurityHeadersPreset;
  /**
   * Directives of the `Content-Security-Policy` that replace or join those of the preset, such as `{ scriptSrc: ["'self'"] }`; `false`
   * for a directive removes it, `false` for the whole sends no policy. `'nonce-{nonce}'` gets a nonce for each request. Default: those of
   * the preset.
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
  const rules = {
    preset: option.oneOf(["api", "web"], "api"),
    contentSecurityPolicy: option.custom<CspDirectives | false>("false or an object of directives", {}, isFalseOrRecord),
    permissionsPolicy: option.custom<PermissionsPolicy | false>("false or an object of features", permissionsPreset, isFalseOrRecord),
    headers: option.custom<Readonly<Record<string, string | false>>>(
      "an object of headers, each a valid name with a valid value or false",
      {},
      (value) => value !== false && isFalseOrRecord(value) && Object.entries(Object(value)).every(isHeader),
    ),
  };
  return readOptions<SecurityHeadersOptions, typeof rules>(packageName, given, rules, "", helmetOptions);
}

function isFalseOrRecord(value: unknown): boolean {
  return value === false || isPlainObject(value);
}

function isHeader([name, value]: [string, unknown]): boolean {
  return value === false ? isValidHeader(name, "") : typeof value === "string" && isValidHeader(name, value);
}
