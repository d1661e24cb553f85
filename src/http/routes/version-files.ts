// Exports versions as files and imports files as versions. The code of the formats is loaded on the first call.
import { unwrap } from "../../core/problems.ts";
import { turnLoop } from "../../core/turns.ts";
import { mediaType, readBytes, refuseMediaType } from "../request/body.ts";
import { type Handlers, headOf } from "../request/call.ts";
import { bytesOfUpload, withMemory } from "../request/reserve-memory.ts";
import { answer } from "../response/answer.ts";
import { streamOfPieces } from "../response/stream.ts";
import { IMPORT_FORMATS, READERS } from "../uploads/import-readers.ts";

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
    const format = IMPORT_FORMATS.get(mediaType(call.request));
    if (!format) refuseMediaType(call.request, [...IMPORT_FORMATS.keys()]);
    const head = headOf(call);
    unwrap(await head.describe()); // a missing head is reported before the file is read
    const take = async () => head.importVersion(await READERS[format](await readBytes(call.request)));
    const { number, version, created } = unwrap(await withMemory(bytesOfUpload(call.request, true), take));
    const location = `/v1/heads/${call.params.head}/versions/${number}`;
    return answer(version, created ? 201 : 200, created ? { Location: location } : {});
  },
};
