// Calls about versions: trained heads, also as files.
import type { Page, PageQuery } from "../contract/common.ts";
import type { ExportFormat, ImportFormat } from "../contract/version-files.ts";
import type { PromotedVersion, Verification, VersionView } from "../contract/versions.ts";
import { type Api, path } from "./api.ts";

const TYPES: Readonly<Record<ImportFormat, string>> = {
  json: "application/json",
  safetensors: "application/vnd.safetensors",
};

export const versionCalls = (api: Api) => ({
  /** A page of versions, newest first. */
  listVersions: (head: string, query?: PageQuery): Promise<Page<VersionView>> =>
    api.json("GET", path`/v1/heads/${head}/versions`, { query }),

  getVersion: (head: string, version: number): Promise<VersionView> =>
    api.json("GET", path`/v1/heads/${head}/versions/${version}`),

  /** Deletes a version that is neither live nor the shadow. */
  deleteVersion: (head: string, version: number): Promise<void> =>
    api.json("DELETE", path`/v1/heads/${head}/versions/${version}`),

  /** Makes a version the only live one. */
  promoteVersion: (head: string, version: number): Promise<PromotedVersion> =>
    api.json("POST", path`/v1/heads/${head}/versions/${version}/promote`),

  /** Repeats the training of a version, and compares the digests. */
  verifyVersion: (head: string, version: number): Promise<Verification> =>
    api.json("POST", path`/v1/heads/${head}/versions/${version}/verify`),

  /** A version as a file: to run elsewhere, or to import. */
  async exportVersion(head: string, version: number, format: ExportFormat = "json"): Promise<Uint8Array<ArrayBuffer>> {
    const target = path`/v1/heads/${head}/versions/${version}/export`;
    return new Uint8Array(await (await api.send("GET", target, { query: { format } })).arrayBuffer());
  },

  /** Imports a version from an exported file. Returns the existing version if the same weights were imported before. */
  importVersion: (head: string, file: Uint8Array<ArrayBuffer>, format: ImportFormat): Promise<VersionView> =>
    api.json("POST", path`/v1/heads/${head}/versions/import`, { body: { type: TYPES[format], content: file } }),
});
