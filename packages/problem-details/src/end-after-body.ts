import type { IncomingMessage, ServerResponse } from "node:http";

const lingerMs = 2_000;
const lingerBytes = 1_048_576;

/**
 * Sends the whole answer at once and ends it when the client has stopped sending.
 *
 * Closing a connection while request data is still arriving makes TCP reset it, and the client loses an answer such as 413
 * that was already on its way (RFC 9112, 9.6). So what still comes is discarded, for at most 2 s and 1 MiB; then the
 * connection is closed.
 */
export function endAfterBody(req: IncomingMessage, res: ServerResponse, body: string): void {
  res.setHeader("Content-Length", Buffer.byteLength(body));
  if (req.complete || !hasBody(req)) return void res.end(body);
  res.setHeader("Connection", "close");
  if (req.method === "HEAD") res.flushHeaders();
  else res.write(body);

  let discarded = 0;
  const end = (): void => {
    clearTimeout(timer);
    req.off("data", count);
    res.end();
  };
  const count = (chunk: Buffer): void => {
    discarded += chunk.length;
    if (discarded > lingerBytes) end();
  };
  const timer = setTimeout(end, lingerMs).unref();
  req.unpipe();
  req.on("data", count).once("end", end).once("close", end).resume();
}

function hasBody(req: IncomingMessage): boolean {
  return req.headers["transfer-encoding"] !== undefined || Number(req.headers["content-length"] ?? 0) > 0;
}
