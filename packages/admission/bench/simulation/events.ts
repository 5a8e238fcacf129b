interface Event {
  readonly atMs: number;
  readonly run: () => void;
}

/** What happens in the order of its time: a binary heap. */
export class Events {
  nowMs = 0;
  readonly #heap: Event[] = [];

  after(ms: number, run: () => void): void {
    const event = { atMs: this.nowMs + ms, run };
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    for (let up = (at - 1) >> 1; at > 0 && (heap[up]?.atMs ?? 0) > event.atMs; up = (at - 1) >> 1) {
      heap[at] = heap[up] ?? event;
      at = up;
    }
    heap[at] = event;
  }

  runUntil(endMs: number): void {
    for (let event = this.#heap[0]; event !== undefined && event.atMs <= endMs; event = this.#heap[0]) {
      this.#removeFirst();
      this.nowMs = event.atMs;
      event.run();
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if ((heap[child + 1]?.atMs ?? Infinity) < (heap[child]?.atMs ?? Infinity)) child += 1;
      const next = heap[child];
      if (next === undefined || next.atMs >= last.atMs) break;
      heap[at] = next;
      at = child;
    }
    heap[at] = last;
  }
}
