import { HttpProblem } from "@aivillage/middleware";

/** SDKs send a request again after a 502. */
const final = { "X-Should-Retry": "false" };

const refusals = {
  401: "The upstream service refuses the credentials of this gateway. Its operator has to renew them.",
  403: "The upstream service does not permit this call with the credentials of this gateway. Choose another model, or ask the operator.",
} as const;

/** The service does not take the key of the gateway, or not for this call: clients cannot send another one. */
export function keyRefused(status: keyof typeof refusals): HttpProblem {
  return new HttpProblem({ status: 502, type: "bad-gateway", title: "Bad Gateway", detail: refusals[status], headers: final });
}

/** The error of a service says more than clients may know. */
export function responseWithheld(): HttpProblem {
  const detail = "The upstream service responded with an error that this gateway does not pass on.";
  return new HttpProblem({ status: 502, type: "bad-gateway", title: "Bad Gateway", detail, headers: final });
}
