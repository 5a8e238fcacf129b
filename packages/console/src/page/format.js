const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export const none = "–";

/** @param {number | null | undefined} value */
export function count(value) {
  if (value === null || value === undefined) return none;
  return value < 100_000 ? whole.format(value) : short.format(value);
}

/** Per second. @param {number} value */
export function rate(value) {
  if (value === 0) return "0";
  if (value < 10) return value.toFixed(value < 1 ? 2 : 1);
  return count(value);
}

/** A duration with its unit. @param {number | null | undefined} ms */
export function duration(ms) {
  if (ms === null || ms === undefined) return none;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${ms.toFixed(0)} ms`;
  return ms < 100_000 ? `${(ms / 1_000).toPrecision(3)} s` : span(ms / 1_000);
}

/** A length of time. @param {number} seconds */
export function span(seconds) {
  if (seconds < 60) return `${Math.max(0, Math.ceil(seconds))} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
}

/** @param {number} size in bytes */
export function bytes(size) {
  return size < 1 << 30 ? `${whole.format(size / (1 << 20))} MiB` : `${(size / (1 << 30)).toFixed(2)} GiB`;
}

/** @param {number} part @param {number} all */
export function percent(part, all) {
  if (all === 0) return none;
  const share = (100 * part) / all;
  if (share === 0) return "0 %";
  return share < 0.1 ? "< 0.1 %" : `${share < 10 ? share.toFixed(1) : share.toFixed(0)} %`;
}

/** The time of day. @param {number} at milliseconds since 1970 */
export function time(at) {
  return clock.format(at);
}

/** An amount of a budget, with its unit. @param {number} value @param {string} unit */
export function amount(value, unit) {
  if (/^[A-Z]{3}$/.test(unit)) return `${value.toFixed(2)} ${unit}`;
  return `${count(value)} ${unit}`;
}
