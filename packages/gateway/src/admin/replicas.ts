import { HttpProblem } from "@aivillage/middleware";

import type { ServingFleet } from "./serving-process.ts";
import { showServices, type ShownService } from "./show-services.ts";

/** A replica with the services that have it. */
interface FoundReplica {
  readonly url: string;
  readonly services: readonly (readonly [name: string, service: ShownService])[];
}

/**
 * Finds a replica by its URL or by host and port.
 *
 * @throws HttpProblem 404 that names the replicas there are
 */
export async function findReplica(fleet: ServingFleet, text: string): Promise<FoundReplica> {
  const { replies } = await fleet.all("report");
  const all = Object.entries(showServices(replies.map(({ services }) => services))?.services ?? {});
  const urls = [...new Set(all.flatMap(([, { replicas }]) => replicas.map(({ url }) => url)))];
  const requested = text.replace(/\/$/, "");
  const url = urls.find((each) => each === requested || each.replace(/^\w+:\/\//, "") === requested);
  if (url === undefined) {
    const detail = `There is no replica ${requested}. Replicas are ${urls.join(", ")}.`;
    throw new HttpProblem({ status: 404, type: "not-found", detail });
  }
  return { url, services: all.filter(([, { replicas }]) => replicas.some((each) => each.url === url)) };
}

/** A service whose replicas all drain gets its requests as if none did. @throws HttpProblem 409 that names the services */
export function assertOthers({ url, services }: FoundReplica): void {
  const left = services.filter(([, { replicas }]) => !replicas.some((other) => other.url !== url && !other.draining));
  if (left.length === 0) return;
  const names = left.map(([name]) => name).join(", ");
  const detail = `${url} is the only replica of ${names} that takes requests. Add another one, or take another one back first.`;
  throw new HttpProblem({ status: 409, type: "last-replica", title: "Last replica", detail });
}

/** Requests that a replica is handling for all processes. */
export function requestsOf({ url, services }: FoundReplica): number {
  return services.flatMap(([, { replicas }]) => replicas).reduce((sum, each) => sum + (each.url === url ? each.requests : 0), 0);
}
