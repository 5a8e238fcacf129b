const byErrorHandler = "an option of express-rate-limit; here an error handler such as `problemDetails()` writes the response";
const byRefund = "an option of express-rate-limit; here call `refundRateLimit(req)` when the response has finished";

/** What to write instead of the options that express-rate-limit has. */
export const expressRateLimitOptions: Readonly<Record<string, string>> = {
  handler: byErrorHandler,
  identifier: "an option of express-rate-limit; here it is the `name` of a policy",
  ipv6Subnet: "an option of express-rate-limit; an IPv6 client is always its /56 network",
  keyGenerator:
    "an option of express-rate-limit; here it is `policies: [{ name, limit, windowMs, key }]`, or `clientIp` for another address",
  legacyHeaders: "an option of express-rate-limit; here it is `headers`",
  logger: "an option of express-rate-limit; here subscribe to `rateLimitDecided` and `storeAvailabilityChanged`",
  max: "an option of express-rate-limit; here it is `limit`",
  message: byErrorHandler,
  passOnStoreError: 'an option of express-rate-limit; here it is an option of the store: `new RedisStore({ client, outage: "open" })`',
  requestPropertyName: "an option of express-rate-limit; here `getRateLimit(req)` returns the result",
  requestWasSuccessful: byRefund,
  retryAfter: "an option of express-rate-limit; here `Retry-After` always says when the same request passes",
  skipFailedRequests: byRefund,
  skipSuccessfulRequests: byRefund,
  standardHeaders: "an option of express-rate-limit; here it is `headers`",
  statusCode: byErrorHandler,
  validate: "an option of express-rate-limit; options are always checked",
};
