import type { CheckField } from "@aivillage/file-upload";
import { inputRefused } from "@aivillage/input-sanitizer";
import { HttpProblem } from "@aivillage/middleware";
import { screen } from "@aivillage/screening";

/** Screens the fields of a form as the text of a query is: names strictly by the upload itself, values as prose. */
export const screenField: CheckField = ({ name, value }, req) => {
  const found = screen(value, { profile: "prose" });
  if (found.length === 0) return undefined;
  const pointer = `#/${encodeURIComponent(name.slice(0, 64).toWellFormed())}`;
  const findings = found.map((finding) => Object.assign(finding, { location: "body" as const, pointer }));
  if (inputRefused.heard) inputRefused.publish({ req, location: "body", findings });
  return new HttpProblem({
    status: 422,
    type: "input-refused",
    title: "Input refused",
    detail: "A field of the form looks like an attack. See `errors` for the rule.",
    extensions: { errors: findings.map(({ class: kind, rule }) => ({ detail: `looks like ${kind}`, rule: `${kind}/${rule}`, pointer })) },
  });
};
