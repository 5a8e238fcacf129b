import { type Handler, HttpProblem, passError, readOptions } from "@aivillage/middleware";

/**
 * Makes the last handler of an app: a request that no handler responded to becomes a 404 problem of type `not-found`.
 *
 * @throws TypeError for any option, and when it is mounted without a call
 */
export function notFound(): Handler;
export function notFound(...[options]: readonly (object | undefined)[]): Handler {
  readOptions("@aivillage/problem-details", options, {});
  return function notFoundHandler(_req, res, next) {
    passError(new HttpProblem({ status: 404, type: "not-found", detail: "There is nothing at this path." }), res, next);
  };
}
