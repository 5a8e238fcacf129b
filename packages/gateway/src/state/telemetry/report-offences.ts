import type { IncomingMessage } from "node:http";

import { authenticationFailed, isGuess } from "@aivillage/api-key-auth";
import { inputRefused } from "@aivillage/input-sanitizer";
import type { SubscribeOwn } from "@aivillage/middleware";
import type { Penalties } from "@aivillage/rate-limit";

import { clientKey } from "../client-key.ts";

/** What is reported to the penalties. */
export interface OffenceReports {
  /** Says whose requests are not reported. */
  exempt(isExempt: (req: IncomingMessage) => boolean): void;
  close(): void;
}

/** Reports guessed credentials and input that is certainly an attack to the penalties. */
export function reportOffences(penalties: Pick<Penalties, "report">, on: SubscribeOwn): OffenceReports {
  let isExempt = (_req: IncomingMessage): boolean => false;

  function report(req: IncomingMessage, reason: string): void {
    if (!isExempt(req)) penalties.report(clientKey(req), 1, reason);
  }

  const ends = [
    on(authenticationFailed, ({ req, reason }) => {
      if (isGuess(reason)) report(req, "authentication");
    }),
    on(inputRefused, ({ req, isCertain }) => {
      if (isCertain) report(req, "input");
    }),
  ];
  return {
    exempt: (next) => {
      isExempt = next;
    },
    close: () => {
      for (const end of ends) end();
    },
  };
}
