// Reads files of versions to import, by format. The code of the formats is loaded on the first call.
import { type HeadCard, headCard, toldFigures } from "../../contract/head-file.ts";
import { storedFigures } from "../../contract/stored-metrics.ts";
import type { ImportFormat } from "../../contract/version-files.ts";
import { LIMITS } from "../../core/limits.ts";
import { turnLoop } from "../../core/turns.ts";
import { parseLargeJson } from "../request/large-json.ts";
import { parse } from "../request/validate.ts";

/** By content type. A map, because a caller's content type may be a name that every object has, such as constructor. */
export const IMPORT_FORMATS: ReadonlyMap<string, ImportFormat> = new Map([
  ["application/json", "json"],
  ["application/vnd.safetensors", "safetensors"],
  ["application/octet-stream", "safetensors"],
]);

const formats = () => import("../../serving/formats/import.ts");

export const READERS = {
  json: async (bytes: Uint8Array) => {
    const { importRequest, tensorsFromJson } = await formats();
    const { tensors, ...told } = Object(await parseLargeJson(bytes)) as Record<string, unknown>;
    const card = await parseCard(told);
    return importRequest(card, await tensorsFromJson(tensors));
  },
  safetensors: async (bytes: Uint8Array) => {
    const { importRequest, decodeSafetensors } = await formats();
    const parseText = (json: Uint8Array) => parseLargeJson(json, LIMITS.fileHeaderBytes);
    const { card, tensors } = await decodeSafetensors(bytes, parseText);
    return importRequest(await parseCard(card), tensors);
  },
} as const satisfies Record<ImportFormat, unknown>;

async function parseCard(told: unknown): Promise<HeadCard> {
  const card = parse(headCard(), told, "The file");
  await turnLoop();
  const figures = parse(toldFigures(card.task), told, "The file");
  return { ...card, version: { ...card.version, metrics: await storedFigures(figures.version.metrics) } };
}
