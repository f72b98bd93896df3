/** What was wrong with the data the model gave, one entry a place. The shape is Standard Schema's. */
export interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Issues in one line, each with the path it is about. */
export function listIssues(issues: readonly Issue[]): string {
  const where = ({ path = [] }: Issue) =>
    path.map((step) => String(typeof step === "object" ? step.key : step)).join(".");
  return issues.map((issue) => (issue.path?.length ? `${where(issue)}: ${issue.message}` : issue.message)).join("; ");
}
