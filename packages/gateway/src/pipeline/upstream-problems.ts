import { HttpProblem } from "@aivillage/middleware";

/** SDKs send a request again after a 502. */
const final = { "X-Should-Retry": "false" };

/** The service does not take the key of the gateway, about which its clients can do nothing. */
export function keyRefused(): HttpProblem {
  const detail = "The upstream service refuses the credentials of this gateway. Its operator has to renew them.";
  return new HttpProblem({ status: 502, type: "bad-gateway", title: "Bad gateway", detail, headers: final });
}

/** The error of a service says more than clients may know. */
export function responseWithheld(): HttpProblem {
  const detail = "The upstream service responded with an error that this gateway does not pass on.";
  return new HttpProblem({ status: 502, type: "bad-gateway", title: "Bad gateway", detail, headers: final });
}
