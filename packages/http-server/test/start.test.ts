import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { describe, test, type TestContext } from "node:test";

import { listenOn, listenOnSocket, notifySystemd, openFileLimit } from "@aivillage/http-server";

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-start-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function newServer(t: TestContext, text: string) {
  const server = createServer((_req, res) => void res.end(text));
  t.after(() => void server.close());
  return server;
}

async function askSocket(socketPath: string): Promise<number | undefined> {
  const [res] = (await once(get({ socketPath, agent: false }), "response")) as [IncomingMessage];
  res.resume();
  return res.statusCode;
}

describe("listenOn", () => {
  test("resolves to where it listens, in the form of a URL", async (t) => {
    for (const [host, name] of [
      ["127.0.0.1", "127\\.0\\.0\\.1"],
      ["0.0.0.0", "localhost"],
      [undefined, "localhost"],
      ["::1", "\\[::1\\]"],
    ] as const) {
      const url = await listenOn(newServer(t, "hello"), { port: 0, ...(host !== undefined && { host }) });
      assert.match(url, new RegExp(`^http://${name}:\\d+$`));
      assert.equal(await (await fetch(url)).text(), "hello");
    }
  });

  test("takes a socket, and reports an address that is taken", async (t) => {
    const path = join(folderFor(t), "app.sock");
    assert.equal(await listenOn(newServer(t, "hello"), { socket: path }), `unix:${path}`);
    assert.equal(await askSocket(path), 200);
    const url = await listenOn(newServer(t, "hello"), { port: 0, host: "127.0.0.1" });
    const taken = { port: Number(new URL(url).port), host: "127.0.0.1" };
    await assert.rejects(listenOn(newServer(t, "late"), taken), { code: "EADDRINUSE" });
  });
});

describe("listenOnSocket", () => {
  test("makes a socket to which only this user may connect, whatever the mask of the process", async (t) => {
    const path = join(folderFor(t), "app.sock");
    const mask = process.umask();
    await listenOnSocket(newServer(t, "hello"), path);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(process.umask(), mask);
    assert.equal(await askSocket(path), 200);
  });

  test("replaces a socket that a killed process has left behind", async (t) => {
    const path = join(folderFor(t), "app.sock");
    const child = spawn(process.execPath, [
      "-e",
      `require("node:http").createServer().listen(${JSON.stringify(path)}, () => console.log())`,
    ]);
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.ok(statSync(path).isSocket());
    await listenOnSocket(newServer(t, "hello"), path);
    assert.equal(await askSocket(path), 200);
  });

  test("leaves a socket where another server listens, and a file that is no socket", async (t) => {
    const folder = folderFor(t);
    const path = join(folder, "app.sock");
    await listenOnSocket(newServer(t, "first"), path);
    await assert.rejects(listenOnSocket(newServer(t, "second"), path), { code: "EADDRINUSE" });
    assert.equal(await askSocket(path), 200);
    const file = join(folder, "notes.txt");
    writeFileSync(file, "mine");
    await assert.rejects(listenOnSocket(newServer(t, "third"), file), { code: "EADDRINUSE" });
    assert.equal(statSync(file).size, 4);
  });
});

describe("openFileLimit", { skip: process.platform !== "linux" && "only Linux says it" }, () => {
  test("is the limit with which the shell has started the process", () => {
    const source = new URL("../src/index.ts", import.meta.url).href;
    const program = `import { openFileLimit } from "${source}"; console.log(openFileLimit());`;
    const limitOf = (limit: string): string =>
      spawnSync(
        "sh",
        ["-c", `ulimit -n ${limit}; exec "$0" --conditions=@aivillage/source --input-type=module -e "$1"`, process.execPath, program],
        {
          encoding: "utf8",
        },
      ).stdout.trim();
    assert.equal(limitOf("321"), "321");
    assert.ok(openFileLimit() > 0);
  });
});

describe("notifySystemd", () => {
  test("sends nothing when systemd does not wait", async () => {
    assert.equal(await notifySystemd({}), false);
  });

  test("runs systemd-notify with the environment of the service", async (t) => {
    const folder = folderFor(t);
    const seen = join(folder, "seen");
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin/systemd-notify"), `#!/bin/sh\necho "$1 $NOTIFY_SOCKET" > "${seen}"\n`, { mode: 0o755 });
    const PATH = [join(folder, "bin"), process.env["PATH"] ?? ""].join(delimiter);
    assert.equal(await notifySystemd({ NOTIFY_SOCKET: "/run/notify", PATH }), true);
    assert.equal(spawnSync("cat", [seen], { encoding: "utf8" }).stdout, "--ready /run/notify\n");
  });

  test("rejects when the message cannot be sent", async () => {
    await assert.rejects(notifySystemd({ NOTIFY_SOCKET: "/run/notify", PATH: dirname("/nowhere/bin") }), { code: "ENOENT" });
  });
});
