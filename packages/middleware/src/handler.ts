import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Hands the request on.
 *
 * `next()` goes to the following handler; `next(error)` skips to the host's error handler.
 *
 * Its parameter is `any`, since hosts declare it differently: h3 takes an `Error`, Polka an `Error` or a string. With `unknown`, TypeScript
 * would let none of them call a `Handler`.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
export type Next = (error?: any) => void;

/**
 * A connect-style middleware: the one shape that Express 4, Express 5, Connect and `toListener()` all accept.
 *
 * It does exactly one of: end the response, call `next()`, call `next(error)`. Its return value is ignored, except that
 * `compose()`, `toListener()` and Express 5 pass the rejection of an `async` handler to `next`; for other hosts, end asynchronous work in
 * `.then(…, next)`. It uses `node:http` members only, so that it runs where `req.ip`, `res.json` and the like are absent.
 */
export type Handler = (req: IncomingMessage, res: ServerResponse, next: Next) => void;

/** An error middleware. Hosts recognise it by its four parameters, so all four must be declared. */
export type ErrorHandler = (error: unknown, req: IncomingMessage, res: ServerResponse, next: Next) => void;
