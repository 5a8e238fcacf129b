import { pick, type Random } from "./random.ts";

const joints = [" ", " ", " ", " ", "\n", ": ", "\r\n", "\n\n", ", "] as const;

/** An attack after a text that somebody wrote. */
export function placeAfter(attack: string, text: string, random: Random): string {
  return `${text}${pick(joints, random)}${attack}`;
}

const spaces = ["/**/", "\t", "\n", "+", "%20", "%0a", "  ", "/*!*/"] as const;
const quotes = ["'", '"', "`", "\\'", "''", "%27"] as const;
const beginnings = ["1", "x", "1'", "')", "a)", "-1 ", '"', "%", "id=", "test "] as const;
const endings = ["--", " -- -", "#", "/*", ";", "%00", "'", '"', ")", " "] as const;

/** An attack in another place, case, encoding or wrapper, or with other signs of the same meaning. */
const variations: readonly ((attack: string, text: string, random: Random) => string)[] = [
  (attack, text) => `${attack} ${text}`,
  (attack, text) => `${text}\n${attack}\n${text}`,
  (attack, text) => `${text.slice(0, 40)} ${attack} ${text}`,
  (attack, text) => `${text.split(" ", 1)[0] ?? ""}${attack}`,
  (attack) => attack.toUpperCase(),
  (attack) => attack.toLowerCase(),
  (attack, _, random) => attack.replaceAll(/[a-z]/gi, (letter) => (random() < 0.5 ? letter.toUpperCase() : letter.toLowerCase())),
  (attack) => encodeURIComponent(attack),
  (attack) => encodeURIComponent(encodeURIComponent(attack)),
  (attack, _, random) => attack.replaceAll(/[!-/:-@]/g, (sign) => (random() < 0.4 ? encodeURIComponent(sign) : sign)),
  (attack, _, random) => attack.replaceAll(/["'<>]/g, (sign) => (random() < 0.6 ? `&#${sign.charCodeAt(0)};` : sign)),
  (attack) => JSON.stringify(attack).slice(1, -1),
  (attack, _, random) => attack.replaceAll(" ", pick(spaces, random)),
  (attack, _, random) => attack.replaceAll(" ", (space) => (random() < 0.5 ? pick(spaces, random) : space)),
  (attack, _, random) => attack.replaceAll("'", pick(quotes, random)),
  (attack, _, random) => `${pick(beginnings, random)}${attack}`,
  (attack, _, random) => `${attack}${pick(endings, random)}`,
  (attack, _, random) => attack.slice(0, Math.ceil(attack.length * (0.6 + 0.4 * random()))),
  (attack, _, random) => attack.replaceAll(/\d+/g, () => String(Math.floor(10_000 * random() ** 3))),
  (attack) => attack.replaceAll(/\r?\n/g, "\r\n"),
  (attack) => `"${attack}"`,
  asField,
];

const fields = ["name", "q", "id", "email", "comment", "title", "file", "url", "value", "user", "query", "city", "message"] as const;

/** A text as a value of JSON, alone or beside others. */
function asField(value: string, text: string, random: Random): string {
  const others = pick([{}, { age: 3 }, { page: 1, size: 20 }, { active: true }, { note: text.slice(0, 60) }], random);
  const field = { [pick(fields, random)]: value };
  return JSON.stringify(random() < 0.5 ? { ...field, ...others } : { ...others, ...field }, undefined, pick([0, 0, 2], random));
}

export function vary(attack: string, text: string, random: Random): string {
  return pick(variations, random)(attack, text, random).toWellFormed();
}

/** An innocent text with the other line ends, before or after another text, or as a field of JSON, which is no sign of an attack either. */
const innocentVariations: readonly ((innocent: string, text: string, random: Random) => string)[] = [
  (innocent) => innocent.replaceAll(/\r?\n/g, "\r\n"),
  (innocent) => innocent.replaceAll(/\r?\n/g, "\r\n"),
  (innocent, text, random) => `${text}${pick(["\n\n", " ", "\n"], random)}${innocent}`,
  (innocent, text, random) => `${text}${pick(["\n\n", " ", "\n"], random)}${innocent}`,
  (innocent, text, random) => `${innocent}${pick(["\n\n", " ", "\n"], random)}${text}`,
  asField,
];

export function varyInnocent(innocent: string, text: string, random: Random): string {
  return pick(innocentVariations, random)(innocent, text, random).toWellFormed();
}
