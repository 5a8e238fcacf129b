import { type Handler, HttpProblem, passError } from "@aivillage/middleware";

/** The last handler of an app: a request that no handler responded to becomes a 404 problem of type `not-found`. */
export function notFound(): Handler {
  return function notFoundHandler(_req, res, next) {
    passError(new HttpProblem({ status: 404, type: "not-found", detail: "There is nothing at this path." }), res, next);
  };
}
