import type { Worker } from "node:cluster";

import { event, RequestReply } from "@aivillage/middleware";

import type { MetricFamily } from "../family.ts";
import { countsOf } from "./departed-counts.ts";
import { messageType, type Question, type Report, type Taken } from "./messages.ts";
import { ReportReader } from "./report-reader.ts";

/** A worker did not say in time what it has counted; the scrape shows what it said last. */
export interface WorkerReportMissed {
  /** Its number in `node:cluster`. */
  worker: number;
  error: Error;
}

/** Published when a worker has not reported its metrics. */
export const workerReportMissed = event<WorkerReportMissed>("aivillage:metrics:worker-report-missed");

/** What the primary knows of one worker's metrics. */
export class WorkerReports {
  readonly #worker: Worker;
  readonly #peer: RequestReply<Question>;
  readonly #reader = new ReportReader();
  /** It missed a deadline and has been silent since: asking again would hold up every scrape and fill its pipe. */
  #isSilent = false;

  /** @param sum provides the sum of all workers */
  constructor(worker: Worker, sum: () => Promise<Report>) {
    this.#worker = worker;
    this.#peer = new RequestReply({
      type: messageType,
      // A worker that died meanwhile needs no response.
      send: (message) => void worker.send(message, () => undefined),
      reply: (question) => (question.what === "sum" ? sum() : this.#take(question)),
    });
  }

  receive(message: unknown): void {
    this.#isSilent = false;
    this.#peer.receive(message);
  }

  /** Asks for what has changed; what is not said in time is missing until the next time. */
  async refresh(deadlineMs: number): Promise<void> {
    if (this.#isSilent || !this.#worker.isConnected()) return;
    try {
      this.#reader.read(await this.#peer.ask<Report>({ what: "report", full: this.#reader.isEmpty }, deadlineMs));
    } catch (error) {
      if (!this.#worker.isConnected()) return;
      this.#isSilent = true;
      if (workerReportMissed.hasSubscribers) workerReportMissed.publish({ worker: this.#worker.id, error: error as Error });
    }
  }

  /** Of a worker that is gone only what it has counted. */
  families(): MetricFamily[] {
    const families = this.#reader.families();
    return this.#worker.isConnected() ? families : countsOf(families);
  }

  close(): void {
    this.#peer.close();
  }

  #take(question: Question): Taken {
    return { needsFirst: question.what === "take" && !this.#reader.read(question.report) };
  }
}
