import type { IncomingMessage } from "node:http";

import type { ReplicaUrl } from "../options/read-replicas.ts";
import type { Replica } from "./replica.ts";
import type { SessionCookie } from "./session-cookie.ts";
import { highestScore } from "./session-score.ts";

/** Chooses one of several replicas; there is at least one. */
export type Balance = (from: readonly Replica[], req: IncomingMessage) => Replica;

type Affinity = ((req: IncomingMessage) => string | undefined) | undefined;

/** By the cookie or key of the session if there is one. Otherwise by weight if a replica has one, and by load if not. */
export function prepareBalance(replicas: readonly ReplicaUrl[], affinity: Affinity, session: SessionCookie | undefined): Balance {
  const plain: Balance = replicas.some(({ weight }) => weight !== undefined) ? byWeight : lessLoadedOfTwo;
  if (session !== undefined) return (from, req) => session.find(from, req) ?? plain(from, req);
  if (affinity === undefined || replicas.length === 1) return plain;
  return (from, req) => {
    const key = affinity(req);
    return key === undefined || from.length === 1 ? plain(from, req) : highestScore(from, key);
  };
}

/** Picks two at random and returns the one with the lower load. */
function lessLoadedOfTwo(from: readonly Replica[]): Replica {
  const first = Math.floor(Math.random() * from.length);
  const a = at(from, first);
  if (from.length === 1) return a;
  const b = at(from, first + 1 + Math.floor(Math.random() * (from.length - 1)));
  return b.load < a.load ? b : a;
}

/** Only if all have the weight 0 are they equal. */
function byWeight(from: readonly Replica[]): Replica {
  let left = Math.random() * from.reduce((sum, { weight }) => sum + weight, 0);
  const chosen = from.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return chosen ?? lessLoadedOfTwo(from);
}

function at(replicas: readonly Replica[], index: number): Replica {
  const replica = replicas[index % replicas.length];
  if (replica === undefined) throw new RangeError("a target has at least one replica");
  return replica;
}
