import { durationMs } from "@aivillage/middleware";

/** A quantity that may be written with a unit. */
export interface Measure {
  /** What the plain number counts, such as "a number of bytes". */
  readonly unit: string;
  readonly example: string;
  /** What `coerce` reads, for JSON Schema: editors and routes check by it. */
  readonly pattern: string;
  /** The quantity in its plain unit; text that is none is left as it is, so that the error can show it. */
  readonly coerce: (text: string) => unknown;
}

const byteFactors: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** Bytes: `10485760`, `10MB` (10,000,000) or `10MiB` (10,485,760); IEC 80000-13. */
export const bytes: Measure = {
  unit: "a number of bytes",
  example: "10485760, 10MB or 10MiB",
  pattern: "^\\d{1,15} ?(([KkMmGg][Ii]?)?[Bb])?$",
  coerce: readBytes,
};

/** Seconds: `90`, `90s`, `5m`, `1h` or `2d`. */
export const seconds: Measure = {
  unit: "a number of seconds",
  example: "60, 60s, 5m, 1h or 2d",
  pattern: "^\\d{1,9}( ?[smhdSMHD])?$",
  coerce: readSeconds,
};

function readBytes(text: string): unknown {
  const [, digits = "", unit = ""] = /^(\d{1,15}) ?([a-z]{0,3})$/i.exec(text.trim()) ?? [];
  const factor = byteFactors[unit.toLowerCase()];
  return digits === "" || factor === undefined ? text : Number(digits) * factor;
}

function readSeconds(text: string): unknown {
  if (/^\d{1,15}$/.test(text.trim())) return Number(text);
  const ms = durationMs(text);
  return ms === undefined ? text : ms / 1_000;
}
