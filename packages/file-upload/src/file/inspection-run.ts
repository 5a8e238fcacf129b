import type { Inspection, Verdict } from "../inspect.ts";
import { fileRejected, inspectionUnavailable } from "../problems.ts";

/**
 * Leads the inspection of one file, and fails closed: what throws, takes longer than `timeoutMs` for one step, or gives no
 * verdict lets nothing pass.
 */
export class InspectionRun {
  readonly #timeoutMs: number;
  #inspection: Inspection | undefined;

  /** @throws UploadProblem `inspection-unavailable` */
  constructor(begin: () => Inspection, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    try {
      this.#inspection = begin();
    } catch (error) {
      throw inspectionUnavailable(error);
    }
  }

  /** @throws UploadProblem `inspection-unavailable`, or rejects with it */
  chunk(bytes: Buffer): Promise<void> | undefined {
    try {
      const pending = this.#inspection?.chunk(bytes);
      return pending === undefined ? undefined : this.#inTime(pending).catch(unavailable);
    } catch (error) {
      throw inspectionUnavailable(error);
    }
  }

  /** Rejects with UploadProblem `file-rejected` or `inspection-unavailable`. */
  async end(ordinal: number): Promise<void> {
    const verdict = await this.#verdict().catch(unavailable);
    this.#inspection = undefined;
    if (!verdict.clean) throw fileRejected(ordinal, verdict.finding);
  }

  /** Lets go of it, unless it has given its verdict. */
  abort(): void {
    const inspection = this.#inspection;
    this.#inspection = undefined;
    try {
      inspection?.abort?.();
    } catch {
      // The upload has failed already, and its reason is reported.
    }
  }

  async #verdict(): Promise<Verdict> {
    const verdict: unknown = await this.#inTime(Promise.resolve(this.#inspection?.end()));
    if (!isVerdict(verdict)) throw new TypeError("The inspection gave no verdict.");
    return verdict;
  }

  async #inTime<T>(pending: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`The inspection took longer than ${this.#timeoutMs} ms.`)), this.#timeoutMs).unref();
    });
    try {
      return await Promise.race([pending, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function isVerdict(value: unknown): value is Verdict {
  return typeof value === "object" && value !== null && "clean" in value && typeof value.clean === "boolean";
}

function unavailable(error: unknown): never {
  throw inspectionUnavailable(error);
}
