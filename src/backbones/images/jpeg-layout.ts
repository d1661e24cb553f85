// Sizes and addresses of a JPEG's blocks, planes and rows.
import type { Arena, ImageMemory } from "./image-memory.ts";
import type { JpegComponent, JpegHeader } from "./jpeg-header.ts";

interface PlacedComponent extends JpegComponent {
  /** Samples of the component. */
  readonly width: number;
  readonly height: number;
  /** Blocks, padded to whole MCUs. */
  readonly blocksWide: number;
  /** Addresses; 0 for coefficients that do not stay. */
  readonly coefficients: number;
  readonly plane: number;
  readonly quantiserAt: number;
}

const BLOCK_BYTES = 128;
const QUANTISER_BYTES = 256;
/** Rows of MCUs in a plane, as in assembly/jpeg-scan.ts. */
const ROWS_OF_MCUS = 3;
/** Kernels read whole vectors. */
const SLACK = 64;

export interface JpegLayout {
  readonly components: readonly PlacedComponent[];
  /** Of the file's bytes. */
  readonly file: number;
  readonly mcuRows: number;
  readonly mcuHeight: number;
  begin(memory: ImageMemory): void;
  /** MCUs of a scan with these components. With one, an MCU is a block. */
  mcusOf(members: readonly number[]): { readonly rows: number; readonly columns: number };
  pixelsOfMcu(members: readonly number[]): number;
}

export function layoutOf(header: JpegHeader, fileBytes: number, arena: Arena): JpegLayout {
  const across = Math.max(...header.components.map(({ h }) => h));
  const down = Math.max(...header.components.map(({ v }) => v));
  const mcuColumns = Math.ceil(header.width / (8 * across));
  const mcuRows = Math.ceil(header.height / (8 * down));
  const components = header.components.map((component): PlacedComponent => {
    const { h, v } = component;
    const [blocksWide, blocksHigh] = [mcuColumns * h, mcuRows * v];
    return {
      ...component,
      width: Math.ceil((header.width * h) / across),
      height: Math.ceil((header.height * v) / down),
      blocksWide,
      coefficients: header.isOneScan ? 0 : arena.take(blocksWide * blocksHigh * BLOCK_BYTES),
      plane: arena.take(ROWS_OF_MCUS * v * 8 * blocksWide * 8 + SLACK),
      quantiserAt: arena.take(QUANTISER_BYTES),
    };
  });
  const scratch = arena.take(7 * (header.width + SLACK) + SLACK);
  return {
    components,
    file: arena.take(fileBytes + SLACK),
    mcuRows,
    mcuHeight: 8 * down,
    begin: (memory) => {
      for (const [i, component] of components.entries()) place(component, i, memory);
      const { width, colour } = header;
      memory.functions.beginRows(width, components.length, colour, across, down, scratch);
    },
    mcusOf: (members) => {
      const [only, ...others] = members.map((i) => components[i] as PlacedComponent);
      if (only === undefined || others.length > 0) return { rows: mcuRows, columns: mcuColumns };
      return { rows: Math.ceil(only.height / 8), columns: Math.ceil(only.width / 8) };
    },
    pixelsOfMcu: (members) => (members.length === 1 ? 64 : 64 * across * down),
  };
}

function place(component: PlacedComponent, i: number, { functions }: ImageMemory): void {
  const { h, v, width, height, blocksWide, coefficients, plane, quantiserAt } = component;
  functions.setComponent(i, h, v, width, height, blocksWide, coefficients, plane, quantiserAt);
}
