import assert from "node:assert/strict";
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { createKey, readKeysFile } from "../src/keys-file/index.ts";
import { keysFolder } from "./keys-folder.ts";

/** A process that runs these lines with `create(id)`, which creates a key and prints it. */
function program(path: string, lines: string): ChildProcessWithoutNullStreams {
  const source = `
    import { createKey } from ${JSON.stringify(join(import.meta.dirname, "../src/keys-file/index.ts"))};
    const create = async (id) => {
      const { key } = await createKey(${JSON.stringify(path)}, { id });
      process.stdout.write(key + "\\n");
    };
    ${lines}
  `;
  return spawn(process.execPath, ["--conditions=@aivillage/source", "--input-type=module", "--eval", source]);
}

/** What a process prints until it ends. */
async function printedBy(child: ChildProcessWithoutNullStreams): Promise<string> {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await once(child, "close");
  return text;
}

test("several processes at once lose no key and leave no part of a file", async () => {
  using keys = keysFolder();
  const names = Array.from({ length: 3 }, (_, index) => `client-${index}`);
  const printed = await Promise.all(names.map((name) => printedBy(program(keys.path, `await create(${JSON.stringify(name)});`))));
  for (const [index, key] of printed.entries()) {
    assert.match(keys.verdict(key.trimEnd(), Date.now()), new RegExp(`^client-${index} `), printed.join("\n"));
  }
  assert.deepEqual(readdirSync(keys.folder), ["keys.yaml"]);
});

test("a process that is killed at any moment leaves the old file or the new one, with every key that was printed, and no lock for long", async () => {
  using keys = keysFolder();
  const printed: string[] = [];
  for (const afterMs of [15, 90]) {
    const child = program(keys.path, "for (;;) await create('ada');");
    const text = printedBy(child);
    // The second one waits until the lock of the first counts as abandoned.
    await once(child.stdout, "data");
    await delay(afterMs);
    child.kill("SIGKILL");
    printed.push(...(await text).split("\n").filter((line) => line !== ""));
    assert.ok(readKeysFile(keys.path).entries.length >= printed.length);
  }
  for (const key of printed) assert.match(keys.verdict(key, Date.now()), /^ada \w{12}$/);
  await createKey(keys.path, { id: "bob" });
  assert.deepEqual(readdirSync(keys.folder), ["keys.yaml"]);
});
