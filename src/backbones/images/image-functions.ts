// The functions of the module of pictures, as assembly/index.ts exports them. Addresses and sizes are in bytes.

/** 0: fine; 1: the data ends too early; 2: the data makes no sense. */
export type ScanStatus = 0 | 1 | 2;

interface ResampleFunctions {
  resampleRow(row: number, windows: number, weights: number, most: number, count: number, out: number): void;
  resampleColumns(
    ring: number,
    rowBytes: number,
    ringRows: number,
    first: number,
    length: number,
    weights: number,
    out: number,
    bytes: number,
  ): void;
}

interface JpegFunctions {
  forgetTables(): void;
  makeTable(tableClass: number, id: number, counts: number): 0 | 1;
  setComponent(
    i: number,
    h: number,
    v: number,
    width: number,
    height: number,
    blocks: number,
    coefficients: number,
    plane: number,
    quantiser: number,
  ): void;
  setQuantiser(i: number, values: number, isWide: number): void;
  setMember(index: number, component: number, dcTable: number, acTable: number): void;
  beginScan(
    members: number,
    wide: number,
    from: number,
    to: number,
    high: number,
    low: number,
    isProgressive: number,
    interval: number,
    at: number,
    end: number,
  ): void;
  readMcus(most: number): ScanStatus;
  scanEnd(): number;
  transformBlocks(component: number, blockRow: number): void;
  beginRows(width: number, components: number, colour: number, across: number, down: number, scratch: number): void;
  jpegRow(y: number, out: number): void;
}

interface PngFunctions {
  unfilter(type: number, row: number, previous: number, bytes: number, pixelBytes: number): 0 | 1;
  beginPixels(colourType: number, depth: number, palette: number, red: number, green: number, blue: number): void;
  pngPixels(row: number, width: number, out: number): void;
  spreadPixels(row: number, count: number, out: number, step: number): void;
}

interface WebpFunctions {
  beginFrame(data: number, length: number, scratch: number, planes: number): ScanStatus;
  readRow(y: number): ScanStatus;
  beginYuvRows(width: number, height: number, scratch: number): void;
  yuvRow(y: number, last: number, out: number): void;
  beginLossless(
    at: number,
    end: number,
    width: number,
    height: number,
    out: number,
    space: number,
    spaceEnd: number,
  ): void;
  readTransform(): number;
  endTransform(): void;
  beginRegions(): number;
  beginLosslessPixels(): number;
  pixelsLeft(): number;
  readPixels(most: number): number;
  beginLosslessRows(width: number, scratch: number): void;
  losslessRow(y: number, width: number, hasOpacity: number, out: number): void;
  greenRow(y: number, width: number, out: number): void;
  unfilterOpacity(filter: number, y: number, row: number, previous: number, width: number): void;
  overWhite(out: number, opacities: number, width: number): void;
}

export interface ImageFunctions extends ResampleFunctions, JpegFunctions, PngFunctions, WebpFunctions {
  heapBase(): number;
}
