import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder with the files that an operator takes. */
export const kitFolder = join(import.meta.dirname, "..");

export const readKit = (file: string): string => readFileSync(join(kitFolder, file), "utf8");

/** One query of the dashboard. */
export interface DashboardQuery {
  readonly panel: string;
  readonly expr: string;
}

interface Panel {
  title: string;
  type: string;
  targets?: { expr: string }[];
}

export interface Dashboard {
  title: string;
  schemaVersion: number;
  panels: (Panel & { id: number; gridPos: { h: number; w: number; x: number; y: number } })[];
}

export const readDashboard = (): Dashboard => JSON.parse(readKit("grafana-dashboard.json")) as Dashboard;

/** All queries of the dashboard with its variables filled in as Grafana would for one job, wide enough for scrapes that are late. */
export function dashboardQueries(): DashboardQuery[] {
  return readDashboard().panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      panel: title,
      expr: expr.replaceAll("$__rate_interval", "30s").replaceAll("$job", "aivillage-gateway").replaceAll("$instance", ".+"),
    })),
  );
}

/** The alert rules as they are, or with five seconds for each five minutes and no time that they must hold. */
export function alertRules({ hurried }: { hurried: boolean }): string {
  const rules = readKit("alerts.yml");
  return hurried ? rules.replaceAll("[5m]", "[5s]").replaceAll(/for: \d+m/g, "for: 0s") : rules;
}

export interface Alert {
  readonly name: string;
  readonly runbook: string;
}

export function alerts(): Alert[] {
  const blocks = readKit("alerts.yml")
    .split(/^ +- alert: /m)
    .slice(1);
  return blocks.map((block) => ({ name: block.split("\n")[0] ?? "", runbook: /runbook_url: (\S+)/.exec(block)?.[1] ?? "" }));
}
