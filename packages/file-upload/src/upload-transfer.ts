import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { inContext, isResponseDelivered, type Next, passError } from "@aivillage/middleware";

import { uploadReceived } from "./events.ts";
import { FormIntake } from "./form/form-intake.ts";
import { MultipartReader } from "./form/multipart-reader.ts";
import type { UploadSettings } from "./options.ts";
import { malformedUpload, uploadAborted } from "./problems.ts";
import { publishRefusal } from "./refuse.ts";
import { makeRelease } from "./release-chunk.ts";
import { type Pump, type PumpListener, pumpRequest } from "./request/pump-request.ts";
import { UploadBody } from "./upload-body.ts";
import type { UploadRecord } from "./upload-record.ts";
import { setUpload, type UploadSummary } from "./upload.ts";

/**
 * Leads one upload from the request to the body that the next handler reads.
 *
 * Everything runs in the step in which the bytes come, without a copy and without a stream in between; only the check of a type
 * and an inspection are waited for, and meanwhile nothing is read. It ends once: by success, or by the first failure, which goes
 * to `next` before the hand-over and to the body after it.
 */
export class UploadTransfer implements PumpListener {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #next: Next;
  readonly #settings: UploadSettings;
  readonly #boundary = `aivillage-${randomBytes(24).toString("hex")}`;
  readonly #record: UploadRecord = { first: undefined, files: [], fields: new Map() };
  readonly #summary = Promise.withResolvers<UploadSummary>();
  readonly #reader: MultipartReader;
  readonly #intake: FormIntake;
  readonly #body: UploadBody;
  readonly #pump: Pump;
  #completed: UploadSummary | undefined;
  #handedOver = false;
  /** The consumer has not taken what there is. */
  #isFull = false;
  /** A check goes on. */
  #isWaiting = false;
  #hasEnded = false;
  #over = false;

  constructor(req: IncomingMessage, res: ServerResponse, next: Next, boundary: string, settings: UploadSettings) {
    this.#req = req;
    this.#res = res;
    this.#next = inContext(next);
    this.#settings = settings;
    this.#summary.promise.catch(() => undefined);
    const write = (bytes: Buffer): void => this.#write(bytes);
    this.#reader = new MultipartReader(boundary, settings);
    this.#intake = new FormIntake({ req, settings, boundary: this.#boundary, record: this.#record, write });
    this.#body = new UploadBody({
      requested: () => this.#onRequested(),
      ended: () => this.#succeed(),
      closed: (error) => this.failed(error ?? new Error("The upload was given up by its consumer.")),
    });
    res.once("close", this.#onResponseClose);
    this.#pump = pumpRequest(req, res, settings, this);
  }

  data(chunk: Buffer): boolean {
    this.#reader.push(chunk);
    return this.#work();
  }

  end(): void {
    this.#hasEnded = true;
    if (!this.#isWaiting) this.#finish();
  }

  failed(reason: unknown): void {
    if (this.#over) return;
    this.#release();
    this.#intake.abort();
    this.#summary.reject(reason);
    publishRefusal(this.#req, reason);
    if (this.#handedOver)
      return void this.#body.destroy(reason instanceof Error ? reason : new Error("The upload failed", { cause: reason }));
    this.#body.destroy();
    passError(reason, this.#res, this.#next);
  }

  /** Takes all tokens that there are; false when reading must wait. */
  #work(): boolean {
    for (let token = this.#reader.next(); token !== undefined && !this.#over; token = this.#reader.next()) {
      const pending = this.#intake.take(token);
      if (pending === undefined) continue;
      this.#isWaiting = true;
      pending.then(() => this.#goOn()).catch((reason: unknown) => this.failed(reason));
      return false;
    }
    this.#handOver();
    return !this.#isFull;
  }

  #goOn(): void {
    this.#isWaiting = false;
    if (this.#over) return;
    const wantsMore = this.#work();
    if (this.#isWaiting) return;
    if (this.#hasEnded) this.#finish();
    else if (wantsMore) this.#pump.resume();
  }

  #finish(): void {
    if (this.#over) return;
    if (!this.#reader.complete) throw malformedUpload("The body ends before the closing boundary, or within the headers of a part.");
    this.#intake.end();
    const { files, fields } = this.#record;
    this.#completed = { files, fields: Object.fromEntries(fields), totalBytes: this.#pump.received };
    this.#handOver();
    this.#body.complete();
  }

  /** Only when all that has come is checked, so that nothing leaves of a small form with an error at its end. */
  #handOver(): void {
    const { first } = this.#record;
    if (this.#handedOver || this.#over || first === undefined) return;
    this.#handedOver = true;
    const whenCompleted = (): UploadSummary | undefined => this.#completed;
    setUpload(this.#req, {
      contentType: `multipart/form-data; boundary=${this.#boundary}`,
      body: this.#body,
      summary: this.#summary.promise,
      release: makeRelease(this.#req, this.#body, this.#settings),
      ...first,
      get completed() {
        return whenCompleted();
      },
    });
    this.#next();
  }

  #write(bytes: Buffer): void {
    // Before the hand-over nobody reads: then the limits of the fields and of the first chunk are the bound.
    if (!this.#over && !this.#body.write(bytes) && this.#handedOver) this.#isFull = true;
  }

  #onRequested(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    if (!this.#isWaiting && !this.#over) this.#pump.resume();
  }

  #release(): void {
    this.#over = true;
    this.#pump.stop();
    this.#res.off("close", this.#onResponseClose);
  }

  #succeed(): void {
    if (this.#over || this.#completed === undefined) return;
    this.#release();
    this.#summary.resolve(this.#completed);
    if (!uploadReceived.hasSubscribers) return;
    const files = this.#completed.files.map(({ type, bytes, sha256 }) => ({ type, bytes, sha256 }));
    uploadReceived.publish({ req: this.#req, files });
  }

  readonly #onResponseClose = (): void => {
    const early = new Error("The response ended before the upload had been read.");
    this.failed(isResponseDelivered(this.#req, this.#res) ? early : uploadAborted());
  };
}
