import { getClientIp } from "@aivillage/client-ip";
import { type Activity, collectActivity, type UpstreamState } from "@aivillage/console";
import { getRequestId } from "@aivillage/request-id";
import { getRoute } from "@aivillage/router";

import type { Gateway } from "../gateway.ts";
import { principalName } from "../state/client-key.ts";
import { showServices, type ShownService } from "./show-services.ts";

/** Collects what the console shows of the requests of a gateway in this process. */
export function gatewayActivity(gateway: Gateway, worker: number): Activity {
  return collectActivity({
    worker,
    owns: (req) => gateway.owns(req),
    requestId: getRequestId,
    route: getRoute,
    principal: principalName,
    clientIp: getClientIp,
    anonymise: gateway.config.admin.anonymise,
    upstreams: () => upstreamStates(gateway),
    queues: () => gateway.slots(),
  });
}

async function upstreamStates(gateway: Gateway): Promise<readonly UpstreamState[]> {
  const shown = showServices([await gateway.services()]);
  return Object.entries(shown?.services ?? {}).map(([target, service]) => upstreamState(target, service));
}

function upstreamState(target: string, { status, breaker, replicas }: ShownService): UpstreamState {
  return {
    target,
    breaker,
    ...(status !== undefined && { health: status }),
    replicas: replicas.map(({ url, ejected, failing, draining, requests, status: health }) => {
      return { origin: url, ejected, failing, draining, requests, ...(health !== undefined && { health }) };
    }),
  };
}
