/** What was seen since the limit changed last: times to the first byte, and the most requests in progress. */
export class SampleWindow {
  #samples: number[] = [];
  #inFlight = 0;
  #peak = 0;

  /** The most requests that were in progress at once. */
  get peak(): number {
    return this.#peak;
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
    const sorted = Float64Array.from(this.#samples).toSorted();
    return sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  }

  restart(): void {
    this.#samples = [];
    this.#peak = this.#inFlight;
  }
}
