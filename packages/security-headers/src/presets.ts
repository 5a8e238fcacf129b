import { type CspDirectives, nonceSource } from "./policies/content-security-policy.ts";
import type { PermissionsPolicy } from "./policies/permissions-policy.ts";

/** `api` for responses that no browser shows as a page, `web` for pages. */
export type SecurityHeadersPreset = "api" | "web";

/** What a response may do in a browser. Both presets refuse framing, plugins and a foreign base. */
export const cspPresets: Readonly<Record<SecurityHeadersPreset, CspDirectives>> = {
  api: {
    "default-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'none'"],
  },
  web: {
    "default-src": ["'self'"],
    "script-src": ["'self'", nonceSource],
    "style-src": ["'self'", nonceSource],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
  },
};

/** Features that a response of a gateway never needs, denied to every origin (W3C Permissions Policy). */
export const permissionsPreset: PermissionsPolicy = {
  accelerometer: [],
  camera: [],
  "display-capture": [],
  geolocation: [],
  gyroscope: [],
  magnetometer: [],
  microphone: [],
  midi: [],
  payment: [],
  usb: [],
};
