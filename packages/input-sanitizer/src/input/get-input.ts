import type { IncomingMessage } from "node:http";

import { requestValue } from "@aivillage/middleware";

import type { InputHandler, InputOf } from "./input-types.ts";
import type { Input, InputTypes } from "./input.ts";

/** The input that one handler accepted, and those that were accepted before. */
export interface AcceptedInput {
  readonly input: Input;
  readonly by: object;
  readonly earlier: AcceptedInput | undefined;
}

export const acceptedInput = requestValue<AcceptedInput>("@aivillage/input-sanitizer.input");

/**
 * The checked input of the request, typed by the schemas of the handler that checked it.
 *
 * @param handler what `sanitizeInput()` returned
 * @returns `undefined` when this handler has not let the request pass
 */
export function getInput<H extends InputHandler<InputTypes>>(req: IncomingMessage, handler: H): InputOf<H> | undefined;
/**
 * The checked input of the request, or `undefined` when no `sanitizeInput()` has let it pass; that of the last where there are several.
 *
 * The type argument is a promise of the caller that schema and type agree; nothing is checked against it.
 */
export function getInput<T extends InputTypes = InputTypes>(req: IncomingMessage): Input<T> | undefined;
export function getInput(req: IncomingMessage, handler?: object): Input | undefined {
  let accepted = acceptedInput.get(req);
  if (handler === undefined) return accepted?.input;
  while (accepted !== undefined && accepted.by !== handler) accepted = accepted.earlier;
  return accepted?.input;
}
