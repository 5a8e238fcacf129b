import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

import { hangAfterMs } from "@aivillage/testing";

const program = join(import.meta.dirname, "terminal.process.ts");
const quoted = [process.execPath, "--conditions=@aivillage/source", program].map((part) => `'${part}'`).join(" ");
const { error } = spawnSync("script", ["--version"]);

test(
  "on a terminal lines are for people, with colours; in a pipe they are JSON",
  {
    skip: error === undefined ? false : "script is not installed; the Debian package bsdutils has it",
  },
  () => {
    /** The terminal's escape character made visible. */
    const visible = (text: string): string => text.replaceAll("\u001b", "ESC");
    const options = { encoding: "utf8", timeout: hangAfterMs } as const;
    const onTerminal = spawnSync("script", ["-qec", quoted, "/dev/null"], options);
    assert.equal(onTerminal.status, 0, onTerminal.stderr);
    const shown = visible(onTerminal.stdout);
    assert.match(shown, /^\d\d:\d\d:\d\d\.\d{3} ESC\[32mINFO ESC\[39m listening port=8000\r?$/m);
    assert.match(shown, /ESC\[31mERRORESC\[39m failed token=\[redacted\]\r?\n {4}Error: broken\r?\n {4}at /);

    const inPipe = spawnSync(process.execPath, ["--conditions=@aivillage/source", program], options);
    const [first = "", second = ""] = inPipe.stdout.trimEnd().split("\n");
    assert.deepEqual((JSON.parse(first) as Record<string, unknown>)["msg"], "listening");
    assert.deepEqual((JSON.parse(second) as Record<string, unknown>)["token"], "[redacted]");
    assert.doesNotMatch(visible(inPipe.stdout), /ESC/);
  },
);
