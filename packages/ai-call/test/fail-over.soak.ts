/**
 * The sixteen situations of the public suite https://github.com/failoverbench/failoverbench, in our own words: what a client gets when a
 * provider misbehaves and another one is configured. Run: `node --conditions=@aivillage/source test/fail-over.soak.ts [--scale 0.1]`.
 *
 * `served`: the whole answer, or for S13 the provider's reason, with every rule kept. `half`: served, but a rule of conduct was not kept.
 * `safe`: an error that cannot be taken for an answer. `failed`: no end, or a part that looks like an answer. Fails when fewer than 13 are
 * served, or one is half served or failed.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";

import { downstreamProxy } from "@aivillage/downstream-proxy";
import { compose, type Handler, toListener } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";
import { listen } from "@aivillage/testing";
import { createParser } from "eventsource-parser";

import { aiCall, aiResponseFilter } from "../src/index.ts";
import { startProvider, words } from "./fail-over-provider.ts";

const { values } = parseArgs({ options: { scale: { type: "string", default: "1" } } });
const scale = Number(values.scale);
const timing = { slowFirst: 20 * scale, stall: 30 * scale, silence: 120 * scale, down: 60 * scale };
const limitMs = 10_000 * scale;

interface Answered {
  readonly text: string;
  readonly model: string | undefined;
  readonly hasUsage: boolean;
  readonly error: string | undefined;
  readonly tookMs: number;
}

/** Reads a stream as a careful client does: broken JSON is skipped, and an error event is an error. */
async function ask(url: string): Promise<Answered> {
  const startedAt = performance.now();
  let text = "";
  let model: string | undefined;
  let hasUsage = false;
  let error: string | undefined;
  const parser = createParser({
    onEvent: ({ data }) => {
      const event = parsed(data);
      error ??= event?.error?.message;
      model ??= event?.model;
      hasUsage ||= event?.usage !== undefined && event.usage !== null;
      text += event?.choices?.[0]?.delta?.content ?? "";
    },
  });
  try {
    const body = JSON.stringify({ model: "any", stream: true, stream_options: { include_usage: true }, messages: [] });
    const response = await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(130_000) });
    if (response.status !== 200) error = `${response.status} ${parsed(await response.text())?.error?.code ?? ""}`;
    else
      for await (const bytes of response.body ?? []) {
        parser.feed(Buffer.from(bytes).toString());
        if (error !== undefined) break;
      }
  } catch (thrown) {
    error ??= String(thrown);
  }
  return { text, model, hasUsage, error, tookMs: performance.now() - startedAt };
}

interface Event {
  readonly error?: { readonly message?: string; readonly code?: string };
  readonly model?: string;
  readonly usage?: unknown;
  readonly choices?: readonly { readonly delta?: { readonly content?: string } }[];
}

function parsed(data: string): Event | undefined {
  try {
    return JSON.parse(data) as Event;
  } catch {
    return undefined;
  }
}

const isWhole = ({ text, error }: Answered): boolean => error === undefined && text === words.join(" ");

/** The rules of conduct beyond being served. */
type Rule = (responses: readonly Answered[], primary: readonly number[], fallback: number) => boolean;
const within =
  (ms: number): Rule =>
  (responses) =>
    responses.every(({ tookMs }) => tookMs <= ms);
const once: Rule = (_answers, primary) => primary.length === 1;
const few: Rule = (_answers, primary) => primary.length <= 6;
const waited: Rule = (_answers, primary) => primary.length >= 2 && (primary[1] ?? 0) - (primary[0] ?? 0) >= 1_800;

const scenarios: readonly (readonly [id: string, what: string, rule: Rule])[] = [
  ["s01", "429 with Retry-After: 2, then healthy", waited],
  ["s02", "429 for ever", few],
  ["s03", "500 once, then healthy", (_answers, primary) => primary.length >= 2],
  ["s04", "503 for ever", few],
  ["s05", "reset before the head", few],
  ["s06", "no response at all", once],
  ["s07", "head at once, first token after 20 s", within(10_000 * scale + 5_000)],
  ["s08", "cut after 40 of 60 tokens", few],
  ["s09", "stall after 20 tokens", within(45_000 * scale + 5_000)],
  ["s10", "an event that is no JSON", few],
  ["s11", "no [DONE]", (responses) => responses.every(({ hasUsage, tookMs }) => hasUsage && tookMs < 8_000)],
  ["s12", "context length exceeded", once],
  ["s13", "content policy violation", (_answers, primary, fallback) => primary.length === 1 && fallback === 0],
  ["s14", "cut after 40 of 60 tokens, no prefill", few],
  ["s15", "down for 60 s, then healthy", (responses) => responses.at(-1)?.model === "s15"],
  ["s16", "503 for ever: who is named and charged", (responses) => responses.every(({ model, hasUsage }) => model === "ok" && hasUsage)],
];

await using provider = await startProvider(timing);
const proxies = [...scenarios.map(([id]) => id), "ok"].map((id) => ({
  id,
  proxy: downstreamProxy({
    targets: [
      { name: "primary", url: provider.url, path: `/${id}/v1/chat/completions` },
      { name: "fallback", url: provider.url, path: "/ok/v1/chat/completions" },
    ],
    filter: aiResponseFilter,
    headersTimeoutMs: limitMs,
    firstEventTimeoutMs: limitMs / 2,
    idleTimeoutMs: Math.max(limitMs, 1_000),
    failOverStatuses: [429, 503, 529],
    retries: { methods: ["POST"], retryOn: [429, 500, 502, 503], maxDelayMs: 3_000, beforeFallback: true },
  }),
}));
const route: Handler = (req, res, next) => {
  const found = proxies.find(({ id }) => req.url === `/${id}`);
  if (found === undefined) next();
  else found.proxy(req, res, next);
};
const call = aiCall({ dialect: "openai-chat", failOverOn: ["context_length_exceeded"] });
await using app = await listen(toListener(compose(call, route), problemDetails()));

const counts = { served: 0, half: 0, safe: 0, failed: 0 };

async function play([id, what, rule]: (typeof scenarios)[number]): Promise<void> {
  const fallbackBefore = provider.attempts.get("ok")?.length ?? 0;
  const responses = [await ask(`${app.url}/${id}`)];
  const more = id === "s15" ? 19 : 0;
  for (let count = 0; count < more; count += 1) {
    await delay(4_000 * scale);
    responses.push(await ask(`${app.url}/${id}`));
  }
  const primary = provider.attempts.get(id) ?? [];
  const fallback = (provider.attempts.get("ok")?.length ?? 0) - fallbackBefore;
  const alive = isWhole(await ask(`${app.url}/ok`));
  const verdict = verdictOf(id, responses, alive, rule(responses, primary, fallback));
  counts[verdict] += 1;
  const seconds = (responses.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1_000).toFixed(1);
  const asked = `${primary.length} + ${fallback}`.padStart(7);
  console.log(
    `${id.toUpperCase()}  ${what.padEnd(40)} ${verdict.padEnd(7)} ${asked} attempts ${seconds.padStart(6)} s  ${responses[0]?.error ?? ""}`,
  );
}

function verdictOf(id: string, responses: readonly Answered[], alive: boolean, keepsRule: boolean): keyof typeof counts {
  const claimsToBeWhole = responses.filter(({ error }) => error === undefined);
  if (!alive || claimsToBeWhole.some((one) => !isWhole(one))) return "failed";
  const hasIdeal = id === "s13" ? responses[0]?.error?.includes("content_policy_violation") === true : responses.every(isWhole);
  if (hasIdeal) return keepsRule ? "served" : "half";
  return keepsRule ? "safe" : "failed";
}

for (const scenario of scenarios) await play(scenario);
console.log(`${counts.served} served, ${counts.half} half, ${counts.safe} safe, ${counts.failed} failed`);
await Promise.all(proxies.map(({ proxy }) => proxy.close({ deadlineMs: 0 })));
assert.ok(counts.served >= 13 && counts.half === 0 && counts.failed === 0, "the promise about fail-over does not hold");
