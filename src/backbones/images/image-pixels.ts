// From the bytes of a picture file to the pixels that a model takes.
import type { ImagePreprocessing } from "../../contract/bundle/bundle.ts";
import { decode } from "./decode.ts";
import { decodeAlone } from "./decoding-turn.ts";
import { geometryOf } from "./geometry.ts";
import { type ImageTools, refuseTooManyPixels } from "./image-ceilings.ts";
import { pictureOf } from "./pictures.ts";

/**
 * Float32 [height][width][3], of the size that `preprocessing` says. Throws a `Fault` for a file that cannot be read or is too
 * large, and one that asks for patience where memory is short.
 */
export async function imagePixels(
  bytes: Uint8Array,
  preprocessing: ImagePreprocessing,
  tools: ImageTools,
): Promise<Float32Array> {
  const picture = pictureOf(bytes);
  refuseTooManyPixels(picture);
  const target = { geometry: geometryOf(picture, preprocessing), scale: preprocessing };
  return decodeAlone(tools, (touch) => decode(picture, target, tools, touch));
}
