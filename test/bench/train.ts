// npm run bench:train -- DIR… [--json] [--peers [--lrcv] [--best-c]]: trains on feature directories inside workerd, and the
// peers on the same ones. One line per directory; the peers take turns with ours, never at the same time.
import { parseArgs } from "node:util";
import { openFeatureSet } from "./host/feature-set.ts";
import { bestLogisticRegression, type Peers, peersBeside, runPeers } from "./host/peers.ts";
import { type Column, fixed, headerOf, lineOf } from "./host/table.ts";
import type { TrainLine } from "./host/train-line.ts";
import { trainOn } from "./host/training.ts";

const { values: flags, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    lrcv: { type: "boolean", default: false },
    "best-c": { type: "boolean", default: false },
  },
});

const secondsOf = (row: TrainLine, name: string) => row.peers?.find(({ peer }) => peer === name)?.seconds;
const COLUMNS: readonly Column<TrainLine>[] = [
  { title: "data", width: 14, of: ({ data }) => data },
  { title: "n×dims×classes", width: 15, of: ({ n, dims, classes }) => `${n}×${dims}×${classes}` },
  { title: "gradient ms", width: 11, of: (row) => fixed(row.gradient_ms, 2) },
  { title: "fit s", width: 7, of: (row) => fixed(row.fit?.seconds, 2) },
  { title: "accuracy", width: 8, of: (row) => fixed(row.fit?.accuracy, 4) },
  { title: "log loss", width: 8, of: (row) => fixed(row.fit?.log_loss, 4) },
  { title: "auto s", width: 7, of: (row) => fixed(row.auto?.seconds, 2) },
  { title: "accuracy", width: 8, of: (row) => fixed(row.auto?.accuracy, 4) },
  { title: "log loss", width: 8, of: (row) => fixed(row.auto?.log_loss, 4) },
  { title: "add one ms", width: 10, of: (row) => fixed(row.add_one_ms, 1) },
  { title: "peak MiB", width: 8, of: (row) => fixed(row.peak_mib, 0) },
];
const PEER_COLUMNS: readonly Column<TrainLine>[] = [
  { title: "lr s", width: 7, of: (row) => fixed(secondsOf(row, "lr"), 2) },
  { title: "torch s", width: 7, of: (row) => fixed(secondsOf(row, "torch"), 2) },
  { title: "lrcv s", width: 7, of: (row) => fixed(secondsOf(row, "lrcv"), 2) },
  { title: "fit/fastest", width: 11, of: (row) => fixed(row.ratios?.fit_to_fastest, 2) },
];

/** Cross-validation takes minutes with many classes, so it then runs only on request. */
function peersOf(folder: string): Peers {
  const withCrossValidation = flags.lrcv || openFeatureSet(folder).classes <= 2;
  const lines = runPeers(folder, ["lr", "torch", ...(withCrossValidation ? ["lrcv"] : [])]);
  return peersBeside(folder, flags["best-c"] ? [...lines, ...bestLogisticRegression(folder)] : lines);
}

const columns = flags.peers ? [...COLUMNS, ...PEER_COLUMNS] : COLUMNS;
if (folders.length === 0) {
  console.error(
    "Name feature directories, as ../shared/peers/make_features.py writes them: npm run bench:train -- DIR…",
  );
  process.exitCode = 2;
} else if (!flags.json) console.log(headerOf(columns));
for (const folder of folders) {
  const line = await trainOn(folder, flags.peers ? peersOf(folder) : null);
  console.log(flags.json ? JSON.stringify(line) : lineOf(columns, line));
}
