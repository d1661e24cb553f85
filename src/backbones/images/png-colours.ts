// The colours of a PNG's samples: palette, opacity and the transparent colour, over white.
import type { ImageMemory } from "./image-memory.ts";
import { COLOUR_TYPE, type PngHeader } from "./png-header.ts";

/** Tells the kernels how samples become colours. `palette`: address of 256 colours. */
export function beginPixels(header: PngHeader, palette: number, memory: ImageMemory): void {
  const { colourType, depth } = header;
  if (colourType === COLOUR_TYPE.palette) memory.write(palette, coloursOf(header));
  const [red, green, blue] = transparentColour(header);
  memory.functions.beginPixels(colourType, depth, palette, red, green, blue);
}

const overWhite = (level: number, opacity: number): number =>
  Math.trunc((level * opacity + 255 * (255 - opacity) + 127) / 255);

/** Four bytes a colour. Colours that the palette lacks are black. */
function coloursOf({ palette, transparency }: PngHeader): Uint8Array {
  const colours = new Uint8Array(1_024);
  for (const [i, level] of palette.entries())
    colours[Math.trunc(i / 3) * 4 + (i % 3)] = overWhite(level, transparency[Math.trunc(i / 3)] ?? 255);
  return colours;
}

/** Samples of the colour that is transparent; −1 where none is. */
function transparentColour({ colourType, transparency }: PngHeader): readonly [number, number, number] {
  const sample = (i: number): number => (transparency[i * 2] ?? 0) * 256 + (transparency[i * 2 + 1] ?? 0);
  if (colourType === COLOUR_TYPE.grey && transparency.length >= 2) return [sample(0), 0, 0];
  if (colourType === COLOUR_TYPE.colour && transparency.length >= 6) return [sample(0), sample(1), sample(2)];
  return [-1, -1, -1];
}
