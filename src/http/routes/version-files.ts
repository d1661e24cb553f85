// Exports versions as files and imports files as versions. The code of the formats is loaded on the first call.
import { type HeadCard, headCard, toldFigures } from "../../contract/head-file.ts";
import { storedFigures } from "../../contract/stored-metrics.ts";
import type { ImportFormat } from "../../contract/version-files.ts";
import { LIMITS } from "../../core/limits.ts";
import { unwrap } from "../../core/problems.ts";
import { turnLoop } from "../../core/turns.ts";
import { answer } from "../answer.ts";
import { mediaType, readBytes, refuseMediaType } from "../body.ts";
import { type Handlers, headOf } from "../call.ts";
import { parseLargeJson } from "../large-json.ts";
import { bytesOfUpload, withMemory } from "../reserving.ts";
import { streamOfPieces } from "../stream.ts";
import { parse } from "../validate.ts";

export const versionFiles: Handlers<"exportVersion" | "importVersion"> = {
  exportVersion: async (call) => {
    const { head, version } = call.params;
    const file = unwrap(await headOf(call).readVersion(version));
    const etag = `"${file.record.digest}"`;
    if (call.request.headers.get("If-None-Match")?.includes(etag))
      return new Response(null, { status: 304, headers: { ETag: etag } });
    const { exportFile } = await import("../../serving/formats/export.ts");
    await turnLoop(); // reading a version of a thousand labels takes tens of milliseconds, and writing it takes as long
    const { pieces, mediaType: type, ending } = exportFile(file, call.query.format ?? "json");
    const disposition = `attachment; filename="${head}-v${version}.${ending}"`;
    return new Response(streamOfPieces(pieces), {
      headers: { "Content-Type": type, "Content-Disposition": disposition, ETag: etag },
    });
  },

  importVersion: async (call) => {
    const format = IMPORT_FORMATS[mediaType(call.request)];
    if (!format) refuseMediaType(call.request, Object.keys(IMPORT_FORMATS));
    const head = headOf(call);
    unwrap(await head.describe()); // a missing head is reported before the file is read
    const take = async () => head.importVersion(await READERS[format](await readBytes(call.request)));
    const { number, version, created } = unwrap(await withMemory(bytesOfUpload(call.request, true), take));
    const location = `/v1/heads/${call.params.head}/versions/${number}`;
    return answer(version, created ? 201 : 200, created ? { Location: location } : {});
  },
};

const IMPORT_FORMATS: Readonly<Record<string, ImportFormat>> = {
  "application/json": "json",
  "application/vnd.safetensors": "safetensors",
  "application/octet-stream": "safetensors",
};

const formats = () => import("../../serving/formats/import.ts");

const READERS = {
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
