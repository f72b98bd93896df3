import type { Issue } from "./errors.ts";

/** Issues in one line, each with the path it is about. */
export function listIssues(issues: readonly Issue[]): string {
  const where = ({ path = [] }: Issue) =>
    path.map((step) => String(typeof step === "object" ? step.key : step)).join(".");
  return issues.map((issue) => (issue.path?.length ? `${where(issue)}: ${issue.message}` : issue.message)).join("; ");
}
