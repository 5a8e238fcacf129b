import { createHash, type Hash } from "node:crypto";

import { Chunks } from "@aivillage/middleware";

import { isTextType } from "../media-types.ts";
import type { PartTaker } from "../part-taker.ts";
import { fileTypeRefused, malformedUpload, payloadTooLarge } from "../problems.ts";
import type { UploadContext } from "../upload-record.ts";
import { detectType } from "./detect-type.ts";
import { normaliseFileName } from "./file-name.ts";
import { HoldBack } from "./hold-back.ts";
import { InspectionRun } from "./inspection-run.ts";
import { judgeName } from "./judge-name.ts";
import { TextWatch } from "./text-watch.ts";

/** Enough for the directory of an office document, whose parts begin one after the other; less says only that it is a zip. */
const headBytes = 16_384;

interface FileHead {
  readonly field: string;
  /** As the client sent it. */
  readonly fileName: string | undefined;
  /** The Content-Type of the part, if it has one. */
  readonly declared: string | undefined;
  /** Counts the files of the upload from 1. */
  readonly ordinal: number;
}

/** A file: nothing of it is written before its first bytes have been checked, and its last not before all of it has been. */
export class FileTaker implements PartTaker {
  readonly #context: UploadContext;
  readonly #file: FileHead;
  readonly #name: string;
  /** The type that the extension claims. */
  readonly #named: string | undefined;
  readonly #hash: Hash = createHash("sha256");
  #head: Chunks | undefined = new Chunks();
  #bytes = 0;
  #type = "";
  #text: TextWatch | undefined;
  #inspection: InspectionRun | undefined;
  #holdBack: HoldBack | undefined;

  constructor(context: UploadContext, file: FileHead) {
    const { fieldName, fileNameLength } = context.settings;
    if (fieldName !== undefined && file.field !== fieldName)
      throw malformedUpload(`Files must be in the field ${JSON.stringify(fieldName)}.`);
    this.#context = context;
    this.#file = file;
    const verdict = judgeName(file.fileName ?? "");
    if ("problem" in verdict) throw malformedUpload(verdict.problem);
    this.#named = verdict.type;
    this.#name = normaliseFileName(file.fileName ?? "", fileNameLength);
  }

  content(bytes: Buffer): Promise<void> | undefined {
    const { fileBytes } = this.#context.settings;
    this.#bytes += bytes.length;
    if (this.#bytes > fileBytes) throw payloadTooLarge("file", fileBytes);
    if (this.#head === undefined) return this.#pass(bytes);
    this.#head.push(bytes);
    return this.#bytes < headBytes ? undefined : this.#begin(this.#head);
  }

  end(): Promise<void> | undefined {
    // What a browser sends for a file input in which nothing was chosen.
    if (this.#bytes === 0 && !this.#file.fileName) return undefined;
    if (this.#head === undefined) return this.#finish();
    return this.#begin(this.#head).then(() => this.#finish());
  }

  abort(): void {
    this.#inspection?.abort();
    this.#holdBack?.drop();
  }

  async #begin(chunks: Chunks): Promise<void> {
    this.#head = undefined;
    const head = chunks.joined();
    const type = await this.#acceptedType(head.subarray(0, headBytes));
    this.#type = type;
    if (isTextType(type)) this.#text = new TextWatch();
    this.#beginInspection();
    const { boundary, write } = this.#context;
    const disposition = `Content-Disposition: form-data; name="${this.#file.field}"; filename="${this.#name}"`;
    write(Buffer.from(`--${boundary}\r\n${disposition}\r\nContent-Type: ${type}\r\n\r\n`));
    if (head.length > 0) await this.#pass(head);
  }

  async #acceptedType(head: Buffer): Promise<string> {
    const { allowedTypes } = this.#context.settings;
    const decision = await detectType({ head, declared: this.#file.declared, named: this.#named }, allowedTypes);
    if ("refusal" in decision) throw this.#refused(decision.refusal);
    return decision.type;
  }

  #beginInspection(): void {
    const { req, settings } = this.#context;
    const { inspect, inspectTimeoutMs, holdBackBytes } = settings;
    if (inspect === undefined) return;
    const file = { field: this.#file.field, name: this.#name, type: this.#type };
    this.#holdBack = new HoldBack(holdBackBytes, this.#release);
    this.#inspection = new InspectionRun(() => inspect(file, req), inspectTimeoutMs);
  }

  #pass(bytes: Buffer): Promise<void> | undefined {
    if (this.#text?.accepts(bytes) === false) throw this.#refused(noText);
    this.#hash.update(bytes);
    const holdBack = this.#holdBack;
    if (holdBack === undefined) return this.#release(bytes);
    const pending = this.#inspection?.chunk(bytes);
    if (pending === undefined) return holdBack.push(bytes);
    return pending.then(() => holdBack.push(bytes));
  }

  #finish(): Promise<void> | undefined {
    if (this.#text?.complete === false) throw this.#refused(noText);
    if (this.#inspection === undefined) return this.#complete();
    return this.#inspection.end(this.#file.ordinal).then(() => this.#complete());
  }

  #complete(): undefined {
    this.#holdBack?.releaseAll();
    this.#release(lineBreak);
    const { field } = this.#file;
    this.#context.record.files.push({ field, name: this.#name, type: this.#type, bytes: this.#bytes, sha256: this.#hash.digest("hex") });
  }

  readonly #release = (bytes: Buffer): undefined => {
    const { record, write } = this.#context;
    record.first ??= { filename: this.#name, type: this.#type };
    write(bytes);
  };

  #refused(reason: string) {
    return fileTypeRefused(`File ${this.#file.ordinal} ${reason}`, [...this.#context.settings.allowedTypes]);
  }
}

const lineBreak = Buffer.from("\r\n");
const noText = "begins as text and does not go on as such: it holds a NUL byte or is not UTF-8.";
