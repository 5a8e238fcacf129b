/** As many weights as features have; features that share one were learned together. */
export const featureSlots = 1 << 15;
/** Its own constant, since an exported one is looked up for every feature. */
const lastSlot = featureSlots - 1;

const firstHash = 0x811c9dc5;

/** Takes the names of features, in up to three parts, so that no string is made of them. */
export interface FeatureSink {
  add(first: string, second?: string | number, third?: string | number): void;
}

/** The slots of features, by the hash FNV-1a of their names. */
export class FeatureSlots implements FeatureSink {
  readonly #slots: number[] = [];

  add(first: string, second: string | number = "", third: string | number = ""): void {
    const hash = extend(extend(extend(firstHash, first), second), third);
    this.#slots.push((hash ^ (hash >>> 15)) & lastSlot);
  }

  list(): readonly number[] {
    return this.#slots;
  }
}

function extend(start: number, part: string | number): number {
  const name = typeof part === "string" ? part : String(part);
  let hash = start;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return hash;
}
