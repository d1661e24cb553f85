// Exports of the kernels of the graph runtime. They take addresses in the memory of one bundle, and trust them: the runtime checks all
// sizes before. All arithmetic has a fixed order for each row, so that a row has the same bits in every batch and on every machine.
export { attention } from "./attention";
export { depthwise } from "./depthwise";
export { add, addRow, multiply, multiplyRow } from "./elementwise";
export { floatProducts } from "./float-products";
export { activate } from "./functions";
export { integerProducts } from "./integer-products";
export { logMel, prepareTransform } from "./log-mel";
export { layerNorm, normalise } from "./layer-norm";
export { maxRows, meanRows } from "./pooling";
export { packRows, quantiseRows, roundRows } from "./quantise";
export { frameRows, roundedBands } from "./rounded-log-mel";
export { addFollowingRows, readRows } from "./tables";
export { gatherWindows, poolWindows } from "./windows";
