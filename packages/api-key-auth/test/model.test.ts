import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { after, before, test } from "node:test";

import { compose, toListener } from "@aivillage/middleware";
import { listen, type RunningServer } from "@aivillage/testing";
import * as fc from "fast-check";

import { type ApiKey, apiKeyAuth, createApiKey, KeyRing } from "../src/index.ts";
import { showPrincipal } from "./support.ts";

/** What is expected of one key, in the simplest terms. */
interface ModelKey {
  readonly secret: string;
  readonly keyId: string;
  readonly id: string;
  begins: number;
  ends: number;
  revoked: boolean;
  removed: boolean;
}
interface Model {
  now: number;
  readonly keys: ModelKey[];
}
/** The keys as an operator keeps them, and the server that reads them. */
interface Real {
  now: number;
  keys: ApiKey[];
  readonly ring: KeyRing;
  status(secret: string): Promise<string>;
}

const ring = new KeyRing([]);
const clock = { now: 0 };
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let server: RunningServer;
before(async () => {
  server = await listen(toListener(compose(apiKeyAuth({ keys: ring, now: () => clock.now }), showPrincipal)));
});
after(async () => {
  agent.destroy();
  await server[Symbol.asyncDispose]();
});

/** Whose key the server says it is, or its status. */
async function askServer(secret: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const sent = request(server.url, { agent, headers: { authorization: `Bearer ${secret}` } }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => resolve(response.statusCode === 200 ? String(JSON.parse(body).keyId) : String(response.statusCode)));
    });
    sent.once("error", reject).end();
  });
}

const isLive = ({ begins, ends, revoked, removed }: ModelKey, now: number): boolean => !revoked && !removed && begins <= now && now < ends;
const pick = <T>(list: readonly T[], seed: number): T | undefined => list[seed % Math.max(1, list.length)];
const present = ({ keys }: Model): ModelKey[] => keys.filter(({ removed }) => !removed);

/** After each step all keys that ever were are asked for at the ring, and one over the wire. */
async function compare(model: Model, real: Real, seed: number): Promise<void> {
  for (const key of model.keys) {
    const verdict = real.ring.check(key.secret, model.now);
    assert.equal(typeof verdict === "object" && verdict.keyId, isLive(key, model.now) ? key.keyId : false);
    if (key.removed) assert.equal(verdict, "unknown");
    else if (key.revoked) assert.equal(verdict, "revoked");
  }
  const key = pick(model.keys, seed);
  if (key !== undefined) assert.equal(await real.status(key.secret), isLive(key, model.now) ? key.keyId : "401");
}

type Step = (model: Model, real: Real) => void;

/** A command that changes model and reality and then compares them. */
function command(text: string, seed: number, step: Step): fc.AsyncCommand<Model, Real> {
  return {
    check: () => true,
    toString: () => text,
    run: async (model, real) => {
      step(model, real);
      real.now = model.now;
      clock.now = model.now;
      real.ring.replace(real.keys);
      await compare(model, real, seed);
    },
  };
}

function addKey(model: Model, real: Real, id: string, begins: number, ends: number): void {
  const { key: secret, keyId, sha256 } = createApiKey();
  model.keys.push({ secret, keyId, id, begins, ends, revoked: false, removed: false });
  const times = { notBefore: new Date(begins), ...(ends !== Infinity && { expiresAt: new Date(ends) }) };
  real.keys = [...real.keys, { id, keyId, sha256, ...times }];
}

function edit(real: Real, keyId: string, members: Partial<ApiKey>): void {
  real.keys = real.keys.map((key) => (key.keyId === keyId ? { ...key, ...members } : key));
}

const moment = fc.integer({ min: -50, max: 200 });
const length = fc.integer({ min: 1, max: 300 });
const seed = fc.nat(1_000);

const create = fc.tuple(moment, fc.option(length), seed).map(([wait, lasts, at]) =>
  command(`create(${wait}, ${lasts})`, at, (model, real) => {
    const begins = model.now + wait;
    addKey(model, real, `client-${at % 3}`, begins, lasts === null ? Infinity : begins + lasts);
  }),
);
const rotate = fc.tuple(seed, length).map(([at, overlap]) =>
  command(`rotate(${at}, ${overlap})`, at, (model, real) => {
    const old = pick(
      model.keys.filter((key) => isLive(key, model.now)),
      at,
    );
    if (old === undefined) return;
    old.ends = Math.min(old.ends, model.now + overlap);
    edit(real, old.keyId, { expiresAt: new Date(old.ends) });
    addKey(model, real, old.id, model.now, Infinity);
  }),
);
const revoke = seed.map((at) =>
  command(`revoke(${at})`, at, (model, real) => {
    const key = pick(present(model), at);
    if (key === undefined) return;
    key.revoked = true;
    edit(real, key.keyId, { revoked: true });
  }),
);
const remove = seed.map((at) =>
  command(`remove(${at})`, at, (model, real) => {
    const key = pick(present(model), at);
    if (key === undefined) return;
    key.removed = true;
    real.keys = real.keys.filter(({ keyId }) => keyId !== key.keyId);
  }),
);
const wait = fc
  .tuple(fc.integer({ min: 0, max: 150 }), seed)
  .map(([ms, at]) => command(`wait(${ms})`, at, (model) => void (model.now += ms)));
/** To the first or the last instant of a key, where an error by one shows. */
const waitForEdge = fc.tuple(seed, fc.constantFrom(-1, 0)).map(([at, offset]) =>
  command(`waitForEdge(${at}, ${offset})`, at, (model) => {
    const edges = model.keys
      .flatMap(({ begins, ends }) => [begins + offset, ends + offset])
      .filter((edge) => edge > model.now && edge < Infinity);
    model.now = pick(edges, at) ?? model.now;
  }),
);
const replaceBadly = seed.map((at) =>
  command(`replaceBadly(${at})`, at, (_model, real) => {
    assert.throws(() => real.ring.replace([{ id: "eve", secret: "eve-key" }, { id: "" }]), TypeError);
    assert.equal(real.ring.check("eve-key", clock.now), "unknown");
  }),
);

test("through any history of keys, exactly those are accepted that are live at that instant", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.commands([create, rotate, revoke, remove, wait, waitForEdge, replaceBadly], { maxCommands: 40, size: "max" }),
      async (commands) => {
        ring.replace([]);
        const now = 1_767_225_600_000;
        await fc.asyncModelRun(() => ({ model: { now, keys: [] }, real: { now, keys: [], ring, status: askServer } }), commands);
      },
    ),
    { numRuns: 40 },
  );
});
