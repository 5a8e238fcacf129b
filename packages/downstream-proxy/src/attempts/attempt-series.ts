import type { ResponseHeaders } from "../fields/response-head.ts";
import { rewriteHeaders } from "../fields/rewrite-headers.ts";
import { setDownstream } from "../report/downstream-value.ts";
import type { Replica } from "../targets/replica.ts";
import type { Target } from "../targets/target.ts";
import type { AttemptListener } from "./attempt-listener.ts";
import { AttemptPlan, type PlannedAttempt } from "./attempt-plan.ts";
import { Attempt } from "./attempt.ts";
import type { FailedAttempt } from "./failed-attempt.ts";
import { forTarget } from "./for-target.ts";
import type { RequestContext } from "./request-context.ts";

/** Makes the attempts of one request, one after another as its plan says. */
export class AttemptSeries {
  readonly plan: AttemptPlan;
  readonly #request: RequestContext;
  readonly #listener: AttemptListener;
  #current: Attempt | undefined;
  #replica: Replica | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(request: RequestContext, targets: readonly Target[], listener: AttemptListener) {
    this.plan = new AttemptPlan(request.settings, targets, request.req);
    this.#request = request;
    this.#listener = listener;
  }

  /** The attempt that was made last. */
  get current(): Attempt | undefined {
    return this.#current;
  }

  /** Makes the next attempt. */
  readonly begin = (): void => {
    if (this.#ended) return;
    let planned: PlannedAttempt;
    let request: RequestContext;
    try {
      planned = this.plan.begin();
      const { target, replica, attempt } = planned;
      const shown = target.replicas.length > 1 ? { replica: replica.url } : undefined;
      setDownstream(this.#request.req, { target: target.name, attempts: attempt, ...shown });
      request = forTarget(planned.target, this.#request);
    } catch (error) {
      return this.#listener.onFailure(undefined, error);
    }
    const attempt = new Attempt(request, planned, this.#listener);
    this.#current = attempt;
    this.#replica = planned.replica;
    attempt.begin();
  };

  /**
   * Makes another attempt if the plan has one; false if not. It starts in a later tick even without a wait: undici may be the caller, and
   * its parser is not reentrant.
   */
  continueAfter(failed: FailedAttempt): boolean {
    const waitMs = this.plan.next(failed, this.#request.outgoing.body.replayable);
    if (waitMs === undefined) return false;
    this.#current?.abandon(this.#current.report.outcomeOfRefusal());
    if (waitMs === 0) process.nextTick(this.begin);
    else this.#timer = setTimeout(this.begin, waitMs);
    return true;
  }

  /** The headers of the current attempt's response, with the replica's own address replaced. */
  rewritten(headers: ResponseHeaders): ResponseHeaders {
    return this.#replica === undefined ? headers : this.withSession(rewriteHeaders(headers, this.#replica, this.#request.settings));
  }

  /** The headers of the current attempt's response, with the cookie of its replica for a client that does not have it. */
  withSession(headers: ResponseHeaders): ResponseHeaders {
    const { session } = this.plan.target;
    const cookie = this.#replica && session?.headerFor(this.#replica, this.#request.req);
    return cookie === undefined ? headers : { ...headers, "set-cookie": [headers["set-cookie"] ?? [], cookie].flat() };
  }

  /** Makes no further attempts. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }
}
