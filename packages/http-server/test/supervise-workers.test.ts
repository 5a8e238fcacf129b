import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, type TestContext, test } from "node:test";

import { superviseWorkers, type SuperviseWorkersOptions } from "@aivillage/http-server";
import { endProcess, eventually, listen } from "@aivillage/testing";

/** What a primary reports, one member each. */
interface Report {
  readonly listening?: number;
  readonly port?: number;
  readonly died?: { readonly signal: string | null; readonly restartMs: number };
  readonly replaced?: number;
  readonly startFailed?: true;
  readonly takenBack?: true;
  readonly hangup?: number;
  readonly ready?: true;
  /** Of `workersListening(2)`. */
  readonly allListen?: true;
}

class Primary {
  readonly reports: Report[] = [];
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;

  constructor(t: TestContext, port = 0) {
    const file = join(import.meta.dirname, "supervise-workers.process.ts");
    this.child = fork(file, [String(port)], { execArgv: ["--conditions=@aivillage/source"], silent: true });
    this.child.on("message", (report: Report) => void this.reports.push(report));
    this.ended = once(this.child, "exit").then(([code]) => code as unknown);
    t.after(() => endProcess(this.child));
  }

  get pids(): number[] {
    return this.reports.flatMap(({ listening = [] }) => listening);
  }

  async has(what: string, condition: () => boolean): Promise<void> {
    await eventually(condition, what, { state: () => JSON.stringify(this.reports) });
  }

  async tell(message: object): Promise<void> {
    const before = this.reports.filter(({ ready }) => ready).length;
    this.child.send(message);
    await this.has("the primary has the message", () => this.reports.filter(({ ready }) => ready).length > before);
  }

  async replace(): Promise<number | undefined> {
    const ends = (): Report[] => this.reports.filter(({ replaced }) => replaced !== undefined);
    const before = ends().length;
    this.child.kill("SIGUSR2");
    await this.has("the workers were replaced, or were not", () => ends().length > before);
    return ends().at(-1)?.replaced;
  }
}

describe("superviseWorkers()", () => {
  test("replaces a worker that dies, passes SIGHUP on, replaces all on SIGUSR2, and stops them on SIGTERM", async (t) => {
    const primary = new Primary(t);
    await primary.has("two workers listen", () => primary.pids.length === 2);
    await primary.has("it knows that both do", () => primary.reports.some(({ allListen }) => allListen));
    assert.ok(primary.reports.findIndex(({ allListen }) => allListen) > primary.reports.findIndex(({ listening }) => listening));
    const url = `http://127.0.0.1:${primary.reports.find(({ port }) => port !== undefined)?.port}`;
    assert.equal(await (await fetch(url)).text(), "hello");

    process.kill(primary.pids[0] ?? 0, "SIGKILL");
    await primary.has("another one listens", () => primary.pids.length === 3);
    const died = primary.reports.flatMap((report) => report.died ?? []);
    assert.deepEqual(
      died.map(({ signal, restartMs }) => [signal, restartMs]),
      [["SIGKILL", 100]],
    );

    primary.child.kill("SIGHUP");
    await primary.has("both have the signal", () => new Set(primary.reports.flatMap(({ hangup = [] }) => hangup)).size === 2);

    assert.equal(await primary.replace(), 2);
    assert.equal(primary.pids.length, 5);

    await primary.tell({ refuse: true });
    assert.equal(await primary.replace(), 0);
    await primary.tell({ failRenewal: true });
    for (let count = 0; count < 2; count += 1)
      assert.equal(await primary.replace(), 0, "an error keeps the workers, and the next signal counts");
    await primary.tell({ failNew: true });
    assert.equal(await primary.replace(), 0);
    assert.equal(primary.reports.filter(({ startFailed }) => startFailed).length, 1);
    assert.equal(primary.reports.filter(({ takenBack }) => takenBack).length, 1);
    assert.equal(primary.pids.length, 5, "the workers have stayed");
    assert.equal(await (await fetch(url)).text(), "hello");

    primary.child.kill("SIGTERM");
    assert.equal(await primary.ended, 0);
  });

  test("hands connections that a dying worker has not taken on to the others", async (t) => {
    const primary = new Primary(t);
    await primary.has("two workers listen", () => primary.pids.length === 2);
    const url = `http://127.0.0.1:${primary.reports.find(({ port }) => port !== undefined)?.port}`;
    const agent = new Agent({ maxSockets: 8 });
    const ask = async (): Promise<string> => {
      const req = get(url, { agent, headers: { connection: "close" } });
      const [res] = (await once(req, "response")) as [IncomingMessage];
      return text(res);
    };
    const [first = 0, second = 0] = primary.pids;
    // Stopped, it gets connections and replies to none.
    process.kill(first, "SIGSTOP");
    const responses = Array.from({ length: 4 }, ask);
    await Promise.any(responses);
    process.kill(first, "SIGKILL");
    assert.deepEqual(await Promise.all(responses), ["hello", "hello", "hello", "hello"]);

    await primary.has("another one listens", () => primary.pids.length === 3);
    const [, , third = 0] = primary.pids;
    for (const pid of [second, third]) process.kill(pid, "SIGSTOP");
    const ends = Array.from({ length: 4 }, () => ask().catch(({ code }: NodeJS.ErrnoException) => code));
    for (const pid of [second, third]) process.kill(pid, "SIGKILL");
    // Answered by a new worker, or closed: none waits for ever.
    for (const end of await Promise.all(ends)) assert.match(String(end), /^(?:hello|ECONNRESET|ECONNREFUSED)$/);
  });

  test("ends with 1 when no worker can listen, and starts none again", async (t) => {
    await using taken = await listen((_req, res) => res.end());
    const primary = new Primary(t, taken.port);
    assert.equal(await primary.ended, 1);
    assert.deepEqual(
      primary.reports.filter(({ died }) => died !== undefined),
      [],
    );
  });

  test("refuses bad options", () => {
    assert.throws(() => superviseWorkers({ workers: 0 }), /option `workers` must be an integer, at least 1, got 0/);
    assert.throws(() => superviseWorkers({ worker: 1 } as SuperviseWorkersOptions), /unknown option `worker`/);
  });
});
