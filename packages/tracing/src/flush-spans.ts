import type { OpenTelemetry } from "./open-telemetry.ts";

interface FlushableProvider {
  getDelegate?(): FlushableProvider;
  forceFlush?(): Promise<void>;
}

/** A collector that does not answer must not hold up the end of the process. */
const flushDeadlineMs = 2_000;

/** Has the SDK send what it still holds, in at most two seconds; what cannot be sent is lost. */
export async function flushSpans({ api }: OpenTelemetry): Promise<void> {
  const inFront = api.trace.getTracerProvider() as FlushableProvider;
  const provider = inFront.getDelegate?.() ?? inFront;
  if (provider.forceFlush === undefined) return;
  const { promise: deadline, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, flushDeadlineMs);
  const flushed = provider.forceFlush().catch((error: unknown) => api.diag.error("@aivillage/gateway: spans are lost", error));
  await Promise.race([flushed, deadline]);
  clearTimeout(timer);
}
