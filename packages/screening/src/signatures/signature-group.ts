import type { TriggeredSignature } from "./triggers.ts";

/** The signatures that are tried at one position. */
export interface SignatureGroup {
  readonly signatures: readonly TriggeredSignature[];
  /** Where none of these matches, no signature does. */
  readonly gates: readonly RegExp[];
}

/** Numbers the groups, from 0 on for the one without signatures; triggers with the same signatures share one. */
export class SignatureGroups {
  readonly list: SignatureGroup[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #signatures = new Map<TriggeredSignature, number>();

  constructor() {
    this.numberOf([]);
  }

  numberOf(signatures: readonly TriggeredSignature[]): number {
    const key = signatures.map((each) => numberIn(this.#signatures, each)).join();
    const number = numberIn(this.#byKey, key);
    this.list[number] ??= { signatures, gates: gatesOf(signatures.map(({ pattern }) => pattern)) };
    return number;
  }
}

function numberIn<Key>(numbers: Map<Key, number>, key: Key): number {
  const number = numbers.get(key) ?? numbers.size;
  numbers.set(key, number);
  return number;
}

/** One pattern of all that have the same flags; one with a reference to a group stays alone, since the groups get other numbers. */
function gatesOf(patterns: readonly RegExp[]): readonly RegExp[] {
  const gates = patterns.filter(refersBack);
  for (const flags of new Set(patterns.map((each) => each.flags))) {
    const same = patterns.filter((each) => each.flags === flags && !refersBack(each));
    if (same.length > 0) gates.push(new RegExp(same.map(({ source }) => `(?:${source})`).join("|"), flags));
  }
  return gates;
}

function refersBack({ source }: RegExp): boolean {
  return /\\[1-9k]/.test(source);
}
