/** A worker for the tests: decides as it is told, and says what became of it. */
import { ClusterStore, type RemoteStoreOptions, storeAvailabilityChanged } from "../../src/index.ts";

const options = JSON.parse(process.env["STORE_OPTIONS"] ?? "{}") as RemoteStoreOptions;
const store = new ClusterStore(options);
const availability: boolean[] = [];
storeAvailabilityChanged.subscribe(({ available }) => availability.push(available));

interface Task {
  task: number;
  requests: number;
  limit: number;
  key: string;
}

process.on("message", (message: Partial<Task>) => {
  const { task, requests = 0, limit = 0, key = "" } = message;
  if (task !== undefined) void carryOut({ task, requests, limit, key });
});

async function carryOut({ task, requests, limit, key }: Task): Promise<void> {
  const charges = [{ policy: "ip", key, limit, windowMs: 60_000, cost: 1 }];
  const decisions = await Promise.all(Array.from({ length: requests }, async () => store.decide(charges)));
  const granted = decisions.find((decision) => decision.allowed);
  if (key === "refund" && granted !== undefined) await store.refund(charges, granted);
  const allowed = decisions.filter((decision) => decision.allowed).length;
  process.send?.({ task, allowed, available: store.isAvailable, availability });
}

process.send?.("ready");
