const million = 1_000_000;

/** Bodies of about a megabyte that a careless reader spends long on: name, text, and the status that they get. */
export const costlyBodies: readonly (readonly [name: string, text: string, status: number])[] = [
  ["digits", "1".repeat(million), 422],
  ["digits behind the point", `0.${"1".repeat(million)}`, 200],
  ["digits of an exponent", `1e-${"9".repeat(million)}`, 200],
  ["brackets", "[".repeat(million), 422],
  ["closing brackets", "]".repeat(million), 400],
  ["objects inside each other", '{"a":'.repeat(million / 5), 422],
  ["quotes", '"'.repeat(million), 400],
  ["backslashes", `"${"\\".repeat(million)}`, 400],
  ["escapes", `"${String.raw`\u0041`.repeat(million / 6)}"`, 422],
  ["commas", ",".repeat(million), 400],
  ["colons", ":".repeat(million), 422],
  ["empty arrays", `[${"[],".repeat(9_999)}[]]`, 200],
  ["numbers", `[${"[1,1,1,1,1,1,1,1,1,1],".repeat(9_999)}1]`, 200],
  ["spaces", " ".repeat(million), 400],
];

/** A schema that compares every member with every other, and a body with far more members than it allows. */
export const comparesAll = { type: "array", maxItems: 10, uniqueItems: true, items: { type: "object" } } as const;
export const tooManyMembers = Array.from({ length: 10_000 }, () => ({}));
