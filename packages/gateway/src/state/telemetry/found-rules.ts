import type { IncomingMessage } from "node:http";

import type { InputFinding, InputRefused } from "@aivillage/input-sanitizer";
import { requestValue } from "@aivillage/middleware";

/** What screening found in a request, as the access log has it. */
interface FoundRules {
  /** Rules that refused it. */
  input_refused?: readonly string[];
  /** Rules that were only flagged. */
  input_flagged?: readonly string[];
}

/** The most rules that a line names. */
const mostRules = 16;

const found = requestValue<FoundRules>("@aivillage/gateway.found-rules");

export function foundRules(req: IncomingMessage): FoundRules | undefined {
  return found.get(req);
}

export function noteRefused({ req, findings }: InputRefused): void {
  found.set(req, {
    ...found.get(req),
    input_refused: rulesOf(findings.filter(({ outcome }) => outcome === "block")),
  });
}

export function noteFlagged({ req, findings }: InputRefused): void {
  const { input_flagged: before = [], ...others } = found.get(req) ?? {};
  found.set(req, { ...others, input_flagged: [...new Set([...before, ...rulesOf(findings)])].slice(0, mostRules) });
}

function rulesOf(findings: readonly InputFinding[]): readonly string[] {
  return [...new Set(findings.map(({ class: attackClass, rule }) => `${attackClass}/${rule}`))].slice(0, mostRules);
}
