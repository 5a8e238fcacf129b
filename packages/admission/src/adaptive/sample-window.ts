/** Between the quartiles of a normal distribution lie so many of its standard deviations. */
const quartilesOfNormal = 1.349;
/** The smallest difference between two times. */
const leastMs = 0.01;

/** What was seen since the limit changed last: times to the first byte, and the most requests in progress. */
export class SampleWindow {
  #samples: number[] = [];
  #inFlight = 0;
  #peak = 0;

  /** The most requests that were in progress at once. */
  get peak(): number {
    return this.#peak;
  }

  get size(): number {
    return this.#samples.length;
  }

  begin(): void {
    this.#inFlight += 1;
    this.#peak = Math.max(this.#peak, this.#inFlight);
  }

  end(): void {
    this.#inFlight -= 1;
  }

  /** Returns how many samples there are now. */
  add(ms: number): number {
    return this.#samples.push(ms);
  }

  /** The middle of the samples, the lower one of two; `NaN` of none. */
  median(): number {
    return this.#quantile(1 / 2);
  }

  /** The standard deviation of the logarithm of the samples, by their middle half: a few outliers do not count. */
  spread(): number {
    const [low, high] = [this.#quantile(1 / 4), this.#quantile(3 / 4)].map((ms) => Math.log(Math.max(ms, leastMs)));
    return (Number(high) - Number(low)) / quartilesOfNormal;
  }

  #quantile(part: number): number {
    const sorted = Float64Array.from(this.#samples).toSorted();
    return sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
  }

  restart(): void {
    this.#samples = [];
    this.#peak = this.#inFlight;
  }
}
