import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { test } from "node:test";

import { endProcess, eventually, freePort, listen, untilListening, whenClosed } from "../src/index.ts";

const node = (code: string): ReturnType<typeof spawn> => spawn(process.execPath, ["-e", code], { stdio: "ignore" });

test("eventually resolves with the first value that is truthy", async () => {
  let looks = 0;
  assert.equal(await eventually(() => (looks += 1) > 2 && `after ${looks}`, "three looks"), "after 3");
});

test("a condition that throws is looked at again", async () => {
  let looks = 0;
  await eventually(() => {
    looks += 1;
    assert.equal(looks, 3);
    return true;
  }, "three looks");
});

test("a wait that ends says what did not come and the last state seen", async () => {
  const received = ["a", "b"];
  await assert.rejects(
    eventually(() => received.length === 3, "three requests", { withinMs: 1 }),
    /^Error: not within 1 ms: three requests; last seen: false from \(\) => received\.length === 3$/,
  );
  await assert.rejects(
    eventually(() => received.length === 3, "three requests", { withinMs: 1, state: () => received }),
    /three requests; last seen: \[ 'a', 'b' \]$/,
  );
  await assert.rejects(
    eventually(() => assert.equal(received.length, 3), "three requests", { withinMs: 1 }),
    /three requests; last seen: Expected values to be strictly equal:\n\n2 !== 3/,
  );
});

test("untilListening resolves with the port of a server, whether it listens already or not", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  const port = await untilListening(server);
  assert.equal(await untilListening(server), port);
  await once(server.close(), "close");
});

test("untilListening waits for a program, and rejects when it ends first", async (t) => {
  const port = await freePort();
  const child = node(`require("net").createServer().listen(${port}, "127.0.0.1")`);
  t.after(() => endProcess(child));
  assert.equal(await untilListening(port, child), port);
  const broken = node("process.exit(3)");
  await assert.rejects(untilListening(await freePort(), broken), /the program ended \(3\) before it listened on port/);
});

test("whenClosed resolves for what closes and for what has closed, an error on the way or not", async () => {
  await using server = await listen((_req, res) => void res.socket?.resetAndDestroy());
  const socket = connect(server.port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  await whenClosed(socket);
  await whenClosed(socket);
  const child = node("");
  await whenClosed(child);
  await whenClosed(child);
});

test("whenClosed shows the state of what stays open", async () => {
  await using server = await listen(() => undefined);
  const socket = connect(server.port, "127.0.0.1");
  await once(socket, "connect");
  await assert.rejects(
    whenClosed(socket, 1),
    /^Error: not closed within 1 ms; last seen: \{ state: 'open', destroyed: false, bytesRead: 0 \}$/,
  );
  socket.destroy();
});

test("endProcess ends a stopped process, and one that has ended", async () => {
  const child = node("setInterval(() => undefined, 1000)");
  child.kill("SIGSTOP");
  await endProcess(child);
  await endProcess(child);
  assert.equal(child.signalCode, "SIGKILL");
});

test("a process of tests that is interrupted ends the programs that it has started", async (t) => {
  const endChildren = new URL("../src/end-children.ts", import.meta.url).href;
  const program = `
    import ${JSON.stringify(endChildren)};
    import { spawn } from "node:child_process";
    spawn(process.execPath, ["--eval", "console.log('started'); setInterval(() => {}, 1_000)"], { stdio: ["ignore", "inherit", "ignore"] });
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ["--conditions=@aivillage/source", "--input-type=module", "--eval", program]);
  t.after(() => endProcess(child));
  await once(child.stdout, "data");
  child.kill("SIGTERM");
  // The program holds the other end of the pipe too: it ends when both have.
  const [[code]] = await Promise.all([once(child, "exit"), once(child.stdout, "end")]);
  assert.equal(code, 143);
});
