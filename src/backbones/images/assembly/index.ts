// Exports of the image module. It has a memory of its own for each picture; the caller lays it out from `heapBase` on.
export { resampleColumns, resampleRow } from "./resample";
export { forgetTables, makeTable } from "./jpeg-bits";
export {
  beginScan, readMcus, scanEnd, setComponent, setMember, setQuantiser, transformBlocks,
} from "./jpeg-scan";
export { beginPixels, pngPixels, spreadPixels, unfilter } from "./png";
export { beginRows, jpegRow } from "./jpeg-rows";
export { beginFrame, readRow } from "./vp8";
export { beginYuvRows, yuvRow } from "./vp8-rows";
export { beginLossless, beginPixels as beginLosslessPixels, beginRegions, endTransform, pixelsLeft, readPixels, readTransform } from "./vp8l";
export { beginLosslessRows, greenRow, losslessRow, overWhite, unfilterOpacity } from "./vp8l-rows";

/** The first free address. */
export function heapBase(): usize {
  return __heap_base;
}
