import { type Handler, passError, sendContinue } from "@aivillage/middleware";

import { type FileUploadOptions, readFileUploadOptions } from "./options.ts";
import { publishRefusal } from "./refuse.ts";
import { readRequestHead } from "./request/request-head.ts";
import { UploadTransfer } from "./upload-transfer.ts";

/**
 * Makes the middleware that checks a multipart upload while it streams, and hands on a clean one.
 *
 * `next()` comes as soon as the first bytes of the first file have passed; `getUpload(req)` is the rest of it. What is wrong by
 * then goes to `next` as an `HttpProblem`, what goes wrong later destroys the body of the upload with it: never both. Mount it
 * on the upload route only, after authentication and rate limits, and before anything that reads the body.
 *
 * @throws OptionError for an unknown or bad option
 */
export function fileUpload(options?: FileUploadOptions): Handler {
  const settings = readFileUploadOptions(options);

  return function fileUploadHandler(req, res, next) {
    let boundary: string;
    try {
      boundary = readRequestHead(req, settings);
    } catch (problem) {
      publishRefusal(req, problem);
      return passError(problem, res, next);
    }
    sendContinue(req, res);
    void new UploadTransfer(req, res, next, boundary, settings);
  };
}
