/** Directives of a Content-Security-Policy (CSP Level 3): name to list of sources; `false` removes the directive. */
export type CspDirectives = Readonly<Record<string, readonly string[] | false>>;

/** Features of a Permissions-Policy, each with the list of `self`, `*` or origins that may use it; an empty list is nobody. */
export type PermissionsPolicy = Readonly<Record<string, readonly string[]>>;

export type SecurityHeadersPreset = "api" | "web";

/** Stands in a prepared policy where the nonce of the request goes. */
export const nonceMark = "{nonce}";
const nonceSource = `'nonce-${nonceMark}'`;

/** What an answer may do in a browser. Both presets refuse framing, plugins and a foreign base. */
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

/** Features that an answer of a gateway never needs, denied to every origin (W3C Permissions Policy). */
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
