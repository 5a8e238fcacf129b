import { pick, type Random } from "./random.ts";

const joints = [" ", " ", " ", " ", "\n", ": ", "\r\n", "\n\n", ", "] as const;

/** An attack after a text that somebody wrote. */
export function placeAfter(attack: string, text: string, random: Random): string {
  return `${text}${pick(joints, random)}${attack}`;
}

const variations: readonly ((attack: string, text: string, random: Random) => string)[] = [
  (attack, text) => `${attack} ${text}`,
  (attack, text) => `${text}\n${attack}\n${text}`,
  (attack, text) => `${text.slice(0, 40)} ${attack} ${text}`,
  (attack, text) => `${text.split(" ", 1)[0] ?? ""}${attack}`,
  (attack) => attack.toUpperCase(),
  (attack) => attack.toLowerCase(),
  (attack) => encodeURIComponent(attack),
  (attack) => JSON.stringify(attack).slice(1, -1),
  (attack) => attack.replaceAll(" ", "+"),
  (attack) => attack.replaceAll(/\r?\n/g, "\r\n"),
  (attack) => `1${attack}`,
  (attack) => `"${attack}"`,
];

/** An attack in another place, case, encoding or wrapper. */
export function vary(attack: string, text: string, random: Random): string {
  return pick(variations, random)(attack, text, random);
}

/** An innocent text with the other line ends, or after another text. */
export function varyInnocent(innocent: string, text: string, random: Random): string {
  if (random() < 0.5) return innocent.replaceAll(/\r?\n/g, "\r\n");
  return `${text}${pick(["\n\n", " ", "\n"], random)}${innocent}`;
}
