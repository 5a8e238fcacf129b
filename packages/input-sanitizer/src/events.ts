import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

import type { InputFinding } from "./input/input.ts";
import type { InputLocation } from "./problems/location.ts";

/** Input was refused because it looks like an attack: by screening, or for a key that is never innocent. */
export interface InputRefused {
  req: IncomingMessage;
  location: InputLocation;
  /** Class, rule and location, never the text. */
  findings: readonly InputFinding[];
  /** Whether what blocks is an attack beyond reasonable doubt, as a program that penalises clients should ask for. */
  isCertain: boolean;
}

/** Input that has findings was let pass, because they are only flagged or the mode is `flag`. */
export type InputFlagged = InputRefused;

/** Published when input looks like an attack and is refused. */
export const inputRefused = event<InputRefused>("aivillage:input-sanitizer:refused");

/** Published when input looks like an attack and is let through. */
export const inputFlagged = event<InputFlagged>("aivillage:input-sanitizer:flagged");
