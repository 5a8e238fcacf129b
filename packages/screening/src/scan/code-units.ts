const kept = 131_072;
let units = new Uint16Array(4_096);
let bytes = Buffer.from(units.buffer);

/**
 * The UTF-16 code units of a text, from place 1 on, between zeros: several times cheaper to look at one by one than the string.
 * Valid until the next text is given.
 */
export function codeUnits(text: string): Uint16Array {
  const end = text.length + 1;
  if (units.length < end + 2) makeRoom(end + 2);
  else if (units.length > kept && end < kept) makeRoom(kept);
  bytes.write(text, 2, "utf16le");
  units[end] = 0;
  units[end + 1] = 0;
  return units;
}

function makeRoom(size: number): void {
  units = new Uint16Array(2 ** Math.ceil(Math.log2(size)));
  bytes = Buffer.from(units.buffer);
}
