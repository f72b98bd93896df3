import { expect, test } from "vitest";
import { findNamed, nameKey } from "./batch-lines.ts";

const since = 1_700_000_000_000;
const batch = (id: string, metadata: unknown, total = 2) => ({
  id,
  status: "in_progress",
  created_at: since / 1000 + 1,
  metadata,
  request_counts: { total, completed: 0, failed: 0 },
});
const lost = { name: "mine", since, ids: ["a", "b"] };

test("a lost batch is known by its name", async () => {
  const batches = [
    batch("other", { [nameKey]: "other" }),
    batch("mine", { [nameKey]: "mine" }),
    batch("theirs", { x: "y" }),
  ];
  expect(await findNamed(batches, lost)).toEqual([{ id: "mine", created: since + 1000, requests: 2, sure: true }]);
});

test("a service that gives no metadata back is asked about: a batch of the lost one's size may be it", async () => {
  const batches = [batch("same", null), batch("unread", {}, 0), batch("larger", null, 3)];
  const found = await findNamed(batches, lost);
  expect(found.map(({ id, sure }) => ({ id, sure }))).toEqual([
    { id: "same", sure: false },
    { id: "unread", sure: false },
  ]);
});
