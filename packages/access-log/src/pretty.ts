import { styleText } from "node:util";

import { escapeControls } from "./controls.ts";

const colours = { DEBUG: "gray", INFO: "green", WARN: "yellow", ERROR: "red" } as const;

/** Turns a JSON line of the logger into one for people: time, level, message, `name=value`, and below it the stack of an error. */
export function formatPretty(line: string, coloured: boolean): string {
  const { time, level, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const label = String(level).padEnd(5);
  const colour = colours[String(level) as keyof typeof colours] ?? "gray";
  const members = Object.entries(fields).map(([name, value]) => `${escapeControls(name)}=${show(value)}`);
  const shownLabel = coloured ? styleText(colour, label, { validateStream: false }) : label;
  const head = [String(time).slice(11, 23), shownLabel, escapeControls(textOf(msg ?? "")), ...members].join(" ");
  return `${head}\n${err === undefined ? "" : showError(err, "    ")}`;
}

function show(value: unknown): string {
  return typeof value === "string" && /^[!#-~]+$/.test(value) ? value : escapeControls(JSON.stringify(value));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function showError(error: unknown, indent: string): string {
  const { stack, message, cause, errors } = Object(error) as Record<string, unknown>;
  const lines = textOf(stack ?? message ?? error).split("\n");
  const own = lines.map((text) => `${indent}${escapeControls(text.trim())}\n`).join("");
  const below = [...(cause === undefined ? [] : [cause]), ...(Array.isArray(errors) ? errors : [])];
  return own + below.map((inner) => `${indent}caused by\n${showError(inner, `${indent}  `)}`).join("");
}
