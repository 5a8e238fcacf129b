import type { ServerResponse } from "node:http";

import type { Activity } from "../activity/collect-activity.ts";
import type { ActivityReport } from "../activity/report.ts";
import type { ReadConsoleOptions } from "../options.ts";
import { momentOf, slotCount, slotMs } from "../series/rolling.ts";
import { attempt } from "./attempt.ts";
import { Entries } from "./entries.ts";
import { makeFrame } from "./frame.ts";
import { readRequests } from "./read-requests.ts";
import { Traffic } from "./traffic.ts";
import { Viewers } from "./viewers.ts";
import { ActivityWindows } from "./windows.ts";

/** Whatever happens is on the page within a second, in the worst case too. */
const liveMs = 500;

/** Gathers what the page shows: once per slot for the history, twice per second while somebody looks, once for all viewers. */
export class Hub {
  readonly #options: ReadConsoleOptions;
  readonly #own: Activity | undefined;
  readonly #traffic = new Traffic();
  readonly #windows = new ActivityWindows();
  readonly #entries = new Entries();
  readonly #viewers = new Viewers(() => this.#tickEvery(slotMs));
  #reports: readonly ActivityReport[] = [];
  #timer: NodeJS.Timeout | undefined;
  #tickUnderWay: Promise<void> | undefined;
  #isClosed = false;
  #readAt = Date.now();

  /** @param own what this process collects, unless other processes do */
  constructor(options: ReadConsoleOptions, own: Activity | undefined) {
    this.#options = options;
    this.#own = own;
    this.#tickEvery(slotMs);
    void this.#tick();
  }

  get isFull(): boolean {
    return this.#viewers.size >= this.#options.maxViewers;
  }

  /** Sends a viewer the history, and from now on two frames per second. */
  async view(res: ServerResponse, greeting: object): Promise<void> {
    const isFirst = this.#viewers.size === 0;
    this.#viewers.add(res);
    if (isFirst) this.#tickEvery(liveMs);
    // What it finds is in the history; its frame, if it sends one, is for those who have theirs.
    await this.#tickUnderWay;
    const history = { points: this.#traffic.points(slotCount), slotMs, ...this.#entries.all() };
    this.#viewers.greet(res, "hello", { ...greeting, ...history });
    await this.#tick();
  }

  /** Shows at once what an action has changed. */
  async refresh(): Promise<void> {
    await this.#tick();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#viewers.close();
  }

  /** Ticks at the ends of slots, so that each reading has one slot. */
  #tickEvery(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    const next = (): void => {
      this.#tickEvery(ms);
      void this.#tick();
    };
    this.#timer = setTimeout(next, ms - (Date.now() % ms)).unref();
  }

  /** A tick that takes longer than half a second leaves out the next ones. */
  async #tick(): Promise<void> {
    if (this.#tickUnderWay !== undefined) return;
    this.#tickUnderWay = this.#gather();
    try {
      await this.#tickUnderWay;
    } finally {
      this.#tickUnderWay = undefined;
    }
  }

  async #gather(): Promise<void> {
    const isLive = this.#viewers.size > 0;
    const problems: string[] = [];
    const [requests, reports] = await Promise.all([
      attempt(problems, "Metrics", () => this.#readRequests()),
      attempt(problems, "Activity", () => this.#readActivity(isLive)),
    ]);
    const moment = momentOf(this.#readAt, Date.now());
    this.#readAt = moment.nowMs;
    if (requests !== undefined) this.#traffic.take(requests, moment);
    if (reports !== undefined) {
      this.#reports = reports;
      this.#windows.take(reports, moment);
    }
    const news = this.#entries.take(reports ?? [], moment.nowMs);
    if (!isLive) return;
    const gathered = { traffic: this.#traffic, windows: this.#windows, reports: this.#reports };
    this.#viewers.sendToAll("frame", { ...(await makeFrame(this.#options, gathered, { moment, problems })), ...news });
  }

  async #readRequests() {
    const { registry, prefix } = this.#options;
    return registry === undefined ? undefined : await readRequests(registry, prefix);
  }

  async #readActivity(isLive: boolean): Promise<readonly ActivityReport[]> {
    const request = { isLive, seen: this.#entries.seen };
    const { activity } = this.#options;
    if (activity !== undefined) return await activity(request);
    return this.#own === undefined ? [] : [await this.#own.report(request)];
  }
}
