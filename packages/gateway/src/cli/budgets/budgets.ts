import { defined } from "@aivillage/middleware";

import type { BudgetChange, ShownBudget } from "../../admin/change-budgets.ts";
import { type AdminFlags, askAdmin } from "../ask-admin.ts";
import { CommandError } from "../cli-error.ts";
import type { CliIo } from "../cli-io.ts";
import { table } from "../table.ts";

/** The flags of every `budgets` command. */
export interface BudgetFlags extends AdminFlags {
  readonly budget?: string;
}

/** The flags of `budgets grant`. */
export interface GrantFlags extends BudgetFlags {
  readonly once: string;
}

/** `budgets list`: prints the budgets that are in use. */
export function list(flags: BudgetFlags, io: CliIo): Promise<number> {
  return read(undefined, flags, io);
}

/** `budgets show`: prints the budgets of a key. @throws CommandError if it uses none */
export function show(key: string, flags: BudgetFlags, io: CliIo): Promise<number> {
  return read(key, flags, io);
}

/** `budgets grant`: adds to the limit of a key until the period ends. */
export async function grant(key: string, { once, ...flags }: GrantFlags, io: CliIo): Promise<number> {
  const amount = Number(once);
  if (once.trim() === "" || !Number.isFinite(amount)) throw new CommandError(`--once must be a number, got ${JSON.stringify(once)}`, 2);
  return await change({ action: "grant", key, amount, ...defined({ budget: flags.budget }) }, flags, io);
}

/** `budgets reset`: forgets what a key has spent and was granted. */
export async function reset(key: string, flags: BudgetFlags, io: CliIo): Promise<number> {
  return await change({ action: "reset", key, ...defined({ budget: flags.budget }) }, flags, io);
}

async function read(key: string | undefined, flags: BudgetFlags, io: CliIo): Promise<number> {
  const query = new URLSearchParams(defined({ key, budget: flags.budget }) as Record<string, string>);
  const text = await askAdmin(flags, io, { path: `/budgets?${query.toString()}` });
  const { budgets } = JSON.parse(text) as { budgets: readonly ShownBudget[] };
  if (key !== undefined && budgets.length === 0) throw new CommandError(`${JSON.stringify(key)} uses no budget now: see budgets list`);
  print(text, flags, io);
  return 0;
}

async function change(requested: BudgetChange, flags: BudgetFlags, io: CliIo): Promise<number> {
  print(await askAdmin(flags, io, { path: "/budgets", body: requested }), flags, io);
  return 0;
}

function print(text: string, { json }: BudgetFlags, io: CliIo): void {
  const { budgets } = JSON.parse(text) as { budgets: readonly ShownBudget[] };
  io.stdout.write(json === true ? text : budgetsTable(budgets));
}

function budgetsTable(budgets: readonly ShownBudget[]): string {
  if (budgets.length === 0) return "No budget is in use.\n";
  const head = ["BUDGET", "KEY", "UNIT", "LIMIT", "GRANTED", "SPENT", "HELD", "LEFT", "RESETS"];
  const cells = ({ name, key, unit, limit, granted, spent, held, remaining, resets_at: resets }: ShownBudget): string[] => [
    name,
    key,
    unit,
    ...[limit, granted, spent, held, remaining].map(String),
    resets,
  ];
  return table([head, ...budgets.map(cells)]);
}
