// npm run bench:chart -- LINES.jsonl OUT.svg: draws the output of `bench:train -- DIR… --json --peers`. Seconds and test
// accuracy of each trainer; lines that are not JSON, such as npm's own, are skipped.
import { readFileSync, writeFileSync } from "node:fs";
import { chartOf } from "./host/chart.ts";
import type { TrainLine } from "./host/train-line.ts";

const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) {
  console.error("Name the lines and the image: npm run bench:chart -- LINES.jsonl OUT.svg");
  process.exitCode = 2;
} else {
  const lines = readFileSync(from, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("{"));
  writeFileSync(to, chartOf(lines.map((line) => JSON.parse(line) as TrainLine)));
}
