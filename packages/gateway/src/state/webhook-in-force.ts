import { FileSnapshot } from "@aivillage/middleware";
import { type BudgetWebhook, budgetWebhook } from "@aivillage/token-budget";

import { readSecret } from "../config/loader/header-values.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";

/** The webhook of budgets. Its messages outlive a reload that leaves it as it is. */
export interface WebhookInForce {
  /** Puts the webhook of a configuration in force. What waits for another receiver is tried once more. */
  use(config: GatewayConfig): void;
  close(): Promise<void>;
}

export function makeWebhook(): WebhookInForce {
  let inForce: { readonly url: string; readonly secretFile: string; readonly webhook: BudgetWebhook } | undefined;
  const closing = new Set<Promise<void>>();

  function closePrevious(): void {
    if (inForce === undefined) return;
    const closed = inForce.webhook.close().finally(() => closing.delete(closed));
    closing.add(closed);
    inForce = undefined;
  }

  return {
    use({ budgets: { webhook } }) {
      const { url, secretFile } = webhook;
      if (inForce?.url === url && inForce.secretFile === secretFile) return;
      closePrevious();
      if (url === "") return;
      // It is read for each message, so that a file that was replaced needs no reload.
      inForce = { url, secretFile, webhook: budgetWebhook({ url, secret: () => readSecret(secretFile, new FileSnapshot()) }) };
    },
    async close() {
      closePrevious();
      await Promise.all(closing);
    },
  };
}
