import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { verdict, type Verdict } from "../tools/verdict.js";

interface Vector {
  id: string;
  input: Record<string, unknown>;
  verdict: Verdict;
}

// The runner stands in `browser/`.
const FOLDER = "../vectors";

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".json") && name !== "schema.json")) {
  const { exchange, tests } = JSON.parse(readFileSync(`${FOLDER}/${file}`, "utf8")) as {
    exchange: string;
    tests: Vector[];
  };
  test(`every vector of ${file}`, (t) => {
    const count = new Map<string, number>();
    const differing = tests.flatMap(({ id, input, verdict: expected }) => {
      const rule = "refused" in expected ? expected.refused : "accepted";
      count.set(rule, (count.get(rule) ?? 0) + 1);
      const found = verdict(exchange, input);
      try {
        assert.deepEqual(found, expected);
        return [];
      } catch {
        return [`${id}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`];
      }
    });
    t.diagnostic(
      `${file}: ${tests.length} vectors: ${[...count].map(([rule, times]) => `${rule} ${times}`).join(", ")}`,
    );
    assert.deepEqual(differing, []);
    assert.ok(tests.length > 0);
  });
}
