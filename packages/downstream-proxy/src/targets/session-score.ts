interface Scored {
  readonly url: string;
  readonly weight: number;
}

/**
 * The replica to which a session belongs, by weighted rendezvous hashing: every process chooses the same one without sharing anything. If a
 * replica fails or is added, only the sessions that belong to it move.
 */
export function highestScore<Replica extends Scored>(replicas: readonly Replica[], key: string): Replica {
  return replicas.reduce((best, replica) => (scoreOf(replica, key) > scoreOf(best, key) ? replica : best));
}

function scoreOf({ url, weight }: Scored, key: string): number {
  return -weight / Math.log((hash(`${url}\n${key}`) + 0.5) / 2 ** 32);
}

/** FNV-1a, mixed at the end by MurmurHash3's finaliser, because similar texts must not have similar hashes. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
