// Metrics of a head that was trained at another time, on the rows of a training at hand.
import type { ClassificationMetrics } from "../contract/versions.ts";
import { bootTensor } from "../tensor/boot.ts";
import { FeatureTensor, strideOf } from "../tensor/products.ts";
import type { FeatureBlocks, Part, RawBlock } from "./blocks.ts";
import { type ReadyHead, readyHead } from "./heads/ready-head.ts";
import { scaleRows } from "./heads/scaler.ts";
import type { TrainedHead } from "./heads/trained-head.ts";
import { addMetrics, emptyMetricSums, metricsOf } from "./metrics.ts";

/** Metrics on `part`, with `afterBlock` after each block, whose labels index `labels`. Labels the head has never met get no probability from it. */
export async function evaluateHead(
  trained: TrainedHead,
  blocks: FeatureBlocks,
  part: Part,
  labels: readonly string[],
  afterBlock: () => Promise<void> = async () => undefined,
): Promise<ClassificationMetrics> {
  await bootTensor();
  const all = [...labels, ...trained.labels.filter((label) => !labels.includes(label))];
  const columns = trained.labels.map((label) => all.indexOf(label));
  const head = readyHead(trained);
  const sums = emptyMetricSums(all.length);
  for (let index = 0; index < blocks.rows[part].length; index++) {
    const block = await blocks.load(part, index);
    addMetrics(sums, spread(logitsOf(head, block), columns, all.length), block.labels, 1 / trained.temperature);
    await afterBlock();
  }
  return metricsOf(sums, all);
}

function logitsOf(head: ReadyHead, { features, labels }: RawBlock): Float32Array {
  const { scaler } = head.trained;
  const x = new FeatureTensor(scaleRows(features, scaler), labels.length, strideOf(scaler.mean.length));
  try {
    return head.forward(x);
  } finally {
    x.dispose();
  }
}

/** Logits moved to their columns among `width`; minus infinity elsewhere. */
function spread(logits: Float32Array, columns: readonly number[], width: number): Float32Array {
  const rows = logits.length / columns.length;
  const wide = new Float32Array(rows * width).fill(-Infinity);
  for (let r = 0; r < rows; r++) {
    columns.forEach((column, k) => {
      wide[r * width + column] = logits[r * columns.length + k] as number;
    });
  }
  return wide;
}
