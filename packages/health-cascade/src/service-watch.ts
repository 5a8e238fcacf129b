import { serviceStatusChanged } from "./events.ts";
import { probeService, unanswered } from "./probe.ts";
import type { ServiceReport, ServiceStatus } from "./report.ts";
import type { Service } from "./services.ts";

/** What is known of one service, and how to know more. */
export interface ServiceWatch {
  readonly name: string;
  readonly critical: boolean;
  readonly report: ServiceReport;
  /** Starts a probe; one that is still running is given up. Resolves when it has ended, and never rejects. */
  probe(): Promise<void>;
  /** Tells that the deadline has passed: a probe that is still running counts as a failure, whatever comes of it. */
  passDeadline(): void;
  /** Gives up what is running and learns nothing from it. */
  stop(): void;
}

export function watchService(service: Service, deadlineMs: number): ServiceWatch {
  const { name, critical } = service;
  const lateError = `no answer within ${deadlineMs} ms`;
  let report: ServiceReport = service.disabled ? { status: "disabled" } : unanswered;
  let status: ServiceStatus | "unknown" = "unknown";
  let controller = new AbortController();
  let running = false;
  let late = false;

  function learn(found: ServiceReport): void {
    report = found;
    if (found.status === "disabled" || found.status === status) return;
    const from = status;
    status = found.status;
    if (!serviceStatusChanged.heard) return;
    serviceStatusChanged.publish({ service: name, from, to: status, ...(found.status === "unhealthy" && { error: found.error }) });
  }

  function stop(): void {
    controller.abort();
    running = false;
  }

  async function probe(): Promise<void> {
    if (service.disabled) return;
    stop();
    const own = new AbortController();
    controller = own;
    running = true;
    late = false;
    const startedAt = performance.now();
    const found = await probeService(service, own.signal);
    if (own.signal.aborted) return;
    running = false;
    learn(late || performance.now() - startedAt > deadlineMs ? asLate(found, lateError) : found);
  }

  function passDeadline(): void {
    if (!running) return;
    late = true;
    learn({ status: "unhealthy", error: lateError });
  }

  return {
    name,
    critical,
    get report() {
      return report;
    },
    probe,
    passDeadline,
    stop,
  };
}

/** A late answer tells how late it was, but never makes a service healthy: the next caller would wait for nothing as well. */
function asLate(found: ServiceReport, error: string): ServiceReport {
  return found.status === "healthy" ? { ...found, status: "unhealthy", error } : found;
}
