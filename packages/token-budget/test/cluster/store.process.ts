/** A worker that does with its store what the test asks for, and says what came of it. */
import { type BudgetStore, ClusterStore, type RemoteStoreOptions } from "../../src/index.ts";

const store = new ClusterStore(JSON.parse(process.env["STORE_OPTIONS"] ?? "{}") as RemoteStoreOptions);

interface Task {
  readonly task: number;
  readonly method: keyof BudgetStore;
  readonly args: unknown[];
}

process.on("message", (message: Partial<Task>) => {
  if (message.task !== undefined) void carryOut(message as Task);
});

async function carryOut({ task, method, args }: Task): Promise<void> {
  try {
    process.send?.({ task, value: await (store[method] as (...all: unknown[]) => unknown)(...args) });
  } catch (error) {
    process.send?.({ task, error: String(error) });
  }
}

process.send?.("ready");
