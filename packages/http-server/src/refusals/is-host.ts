import { isIPv6 } from "node:net";

/** A registered name or an IPv4 address (RFC 3986, 3.2.2), without the comma that would make a list of two, and a port. */
const namedHost = /^(?:[\w.~!$&'()*+;=-]|%[\da-f]{2})+(?::(\d{0,5}))?$/i;
const bracketedHost = /^\[([^\]]+)\](?::(\d{0,5}))?$/;
const highestPort = 65_535;

/** Hosts that were found valid: nearly all requests name the same few. Bounded, because clients choose them. */
const known = new Set<string>();
const mostKnown = 100;
const longestKnown = 100;

/** Whether a text is a non-empty host with an optional port (RFC 9110, 4.2.1 and 7.2), and nothing else. */
export function isHost(text: string): boolean {
  if (known.has(text)) return true;
  const isValid = isWellFormed(text);
  if (isValid && known.size < mostKnown && text.length <= longestKnown) known.add(text);
  return isValid;
}

function isWellFormed(text: string): boolean {
  const named = namedHost.exec(text);
  if (named !== null) return isPort(named[1]);
  const bracketed = bracketedHost.exec(text);
  // A zone means something only on the machine that wrote it.
  return bracketed !== null && isIPv6(bracketed[1] ?? "") && !text.includes("%") && isPort(bracketed[2]);
}

function isPort(digits: string | undefined): boolean {
  return digits === undefined || Number(digits) <= highestPort;
}
