/**
 * Whether the time of a refusal tells how many leading characters of a guess are right. Guesses with none, a quarter, a half and
 * all but the last character of the secret right are checked in random order; their median times are compared by pairs of batches.
 * The same is done to a comparison that stops at the first difference, to show that this measurement would see it.
 * Run: `node --conditions=@aivillage/source bench/timing.bench.ts`. Fails when a guess that is nearly right differs from one that
 * is wrong throughout by more than 2 % of a check, or when the comparison that stops is not found out.
 */
import { createApiKey, KeyRing } from "../src/index.ts";

const largestShare = 0.02;
const batchSize = 400;
const batches = 2_500;

const { key, keyId, sha256 } = createApiKey();
const ring = new KeyRing([{ id: "ada", keyId, sha256 }]);
const secretAt = key.indexOf(".") + 1;
const secretLength = key.length - secretAt;

/** The key up to this many characters of the secret, and other ones after it. */
function guessWith(right: number): string {
  const wrong = key.slice(secretAt + right).replaceAll(/./g, (digit) => (digit === "x" ? "y" : "x"));
  return key.slice(0, secretAt + right) + wrong;
}

const rightCounts = [0, Math.floor(secretLength / 4), Math.floor(secretLength / 2), secretLength - 1];
const guesses = rightCounts.map(guessWith);

let sink = 0;
function checkAll(guess: string): void {
  for (let call = 0; call < batchSize; call += 1) if (typeof ring.check(guess, 0) === "string") sink += 1;
}
/** What a careless hand writes. */
function stopAtDifference(guess: string): void {
  for (let call = 0; call < batchSize; call += 1) {
    let place = 0;
    while (place < key.length && guess.charCodeAt(place) === key.charCodeAt(place)) place += 1;
    sink += place;
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function nsPerCall(check: (guess: string) => void, guess: string): number {
  const start = process.hrtime.bigint();
  check(guess);
  return Number(process.hrtime.bigint() - start) / batchSize;
}

/** By kind of guess: the median time, and how far it is, batch by batch, from the guess that is wrong throughout. */
function measure(check: (guess: string) => void): { ns: number; differenceNs: number }[] {
  const rounds: number[][] = [];
  for (let batch = 0; batch < batches; batch += 1) {
    const times: number[] = [];
    for (const index of [...guesses.keys()].toSorted(() => Math.random() - 0.5)) times[index] = nsPerCall(check, guesses[index] ?? "");
    if (batch >= batches / 10) rounds.push(times);
  }
  return guesses.map((_, index) => ({
    ns: median(rounds.map((times) => times[index] ?? 0)),
    differenceNs: median(rounds.map((times) => (times[index] ?? 0) - (times[0] ?? 0))),
  }));
}

/** The largest difference as a share of a check. */
function largest(title: string, check: (guess: string) => void): number {
  const measured = measure(check);
  console.log(title);
  for (const [index, { ns, differenceNs }] of measured.entries()) {
    console.log(
      `  ${String(rightCounts[index]).padStart(2)} characters right: ${ns.toFixed(1)} ns, difference ${differenceNs.toFixed(2)} ns`,
    );
  }
  return Math.max(...measured.map(({ differenceNs }) => Math.abs(differenceNs))) / (measured[0]?.ns ?? Number.NaN);
}

const ours = largest("KeyRing.check()", checkAll);
const careless = largest("a comparison that stops at the first difference", stopAtDifference);
console.log(`largest share: KeyRing.check() ${(ours * 100).toFixed(2)} %, the other ${(careless * 100).toFixed(0)} % (${sink} refusals)`);
if (!(ours <= largestShare)) {
  console.error("the time of a refusal depends on the guess");
  process.exitCode = 1;
}
if (!(careless > 10 * largestShare)) {
  console.error("the measurement is blind: it did not see a comparison that stops");
  process.exitCode = 1;
}
