import { fileUpload } from "@aivillage/file-upload";
import { screenFormFields, type ScreeningOptions } from "@aivillage/input-sanitizer";
import { defined, type Handler, hasBody, HttpProblem, passError } from "@aivillage/middleware";

import { bodyLimits, compileInput, hasOwnSchema, type InputSchemas, noQuery } from "../config/options/compile-input.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { policyOf } from "../config/settings/route-config.ts";
import { type RouteInput, takesAnyQuery } from "../config/settings/route-input.ts";
import { type RouteScreening, screeningOf } from "../config/settings/screening-config.ts";
import { uploadTimeoutMs } from "./body-times.ts";

type Schema = NonNullable<InputSchemas["query"]>;

/** What an endpoint takes. */
export interface Input {
  /** JSON Schema of the query parameters, or `any`. Default: none are taken. */
  readonly query?: Schema | "any" | undefined;
  /** JSON Schema of a JSON body, `stream` for any body, `upload` for a form with a file. Default: no body is taken, whatever the method. */
  readonly body?: Schema | "stream" | "upload" | undefined;
  /** How large a JSON body may be. Default: as the configuration says for all. */
  readonly maxBodyBytes?: RouteInput["maxBodyBytes"] | undefined;
  readonly maxStringLength?: number | undefined;
  readonly maxDepth?: number | undefined;
  readonly maxKeys?: number | undefined;
}

/** An endpoint, as far as its input goes. */
interface InputEndpoint {
  readonly path: string;
  readonly input?: Input;
  readonly route?: { readonly screening?: RouteScreening };
}

/** Checks the input of an endpoint. */
export function inputHandlers({ path, input, route }: InputEndpoint, config: GatewayConfig): Handler[] {
  if (input === undefined) return [];
  const { query = noQuery, body, maxBodyBytes, maxStringLength, maxDepth, maxKeys } = input;
  const screening = screeningOf(config.screening, path, (route ?? policyOf(path, config.routes))?.screening);
  // A built-in endpoint has the gateway's own.
  const checkSchemas = route !== undefined && hasOwnSchema(query, body);
  const checked = takesAnyQuery(query) ? {} : { query };
  const head = takesAnyQuery(query) ? [] : [compileInput({ query, checkSchemas, screening })];
  if (body === undefined) return [refuseBody, ...head];
  if (body === "stream") return head;
  if (body === "upload") return [...head, uploadHandler(config, screening)];
  const limits = bodyLimits(defined({ maxBodyBytes, maxStringLength, maxDepth, maxKeys }), config.input);
  return [compileInput({ ...checked, body, checkSchemas, screening, limits })];
}

function uploadHandler({ upload }: GatewayConfig, screening: ScreeningOptions): Handler {
  return fileUpload({ fileBytes: upload.maxFileBytes, timeoutMs: uploadTimeoutMs, checkField: screenFormFields(screening) });
}

/** No content is the most that is taken, of whatever type: that is 413, as 415 would have to name the types that are (RFC 9110, 15.5). */
const bodyRefused = new HttpProblem({
  status: 413,
  type: "payload-too-large",
  title: "Payload too large",
  detail: "This route takes no body.",
  extensions: { limit_bytes: 0 },
});

/** Refuses a request that announces a body (RFC 9112, 6.3), before anybody asks for it or reads it. */
const refuseBody: Handler = (req, res, next) => {
  if (hasBody(req)) passError(bodyRefused, res, next);
  else next();
};
