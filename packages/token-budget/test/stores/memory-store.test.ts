import { temporaryFile } from "@aivillage/testing";

import { MemoryStore, type MemoryStoreOptions } from "../../src/index.ts";
import { testStore } from "./contract.ts";

testStore("memory", (t) => {
  const store = new MemoryStore();
  t.after(() => store.close());
  return store;
});

for (const fsync of ["always", "second", "never"] as const) {
  testStore(`journal, fsync ${fsync}`, (t) => {
    const file = temporaryFile("budgets.journal");
    const options: MemoryStoreOptions = { journal: file.path, fsync, compactBytes: 1_024 };
    const store = new MemoryStore(options);
    t.after(() => {
      store.close();
      file[Symbol.dispose]();
    });
    return store;
  });
}
