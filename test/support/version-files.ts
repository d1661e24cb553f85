// Exports versions, imports files, and splits and joins the parts of files, for tests.
import { expect } from "vitest";
import type { ImportFormat } from "../../src/contract/version-files.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { type Answer, call, send } from "./service.ts";

const TYPES = { json: "application/json", safetensors: "application/octet-stream" } as const;

export async function exportFile(
  key: string,
  head: string,
  version: number,
  format: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await send("GET", `/v1/heads/${head}/versions/${version}/export?format=${format}`, { key });
  expect(response.status).toBe(200);
  return new Uint8Array(await response.arrayBuffer());
}

/** Imports a file into a head. `T` is the expected type of the response. */
export const importFile = <T = VersionView>(
  key: string,
  head: string,
  format: ImportFormat,
  body: Uint8Array | string,
): Promise<Answer<T>> =>
  call<T>("POST", `/v1/heads/${head}/versions/import`, { key, body, headers: { "Content-Type": TYPES[format] } });

/** A json file in a form that tests can change. */
export type JsonFile = Record<string, unknown> & { tensors: Record<string, unknown[]>; version: { digest: string } };

export const parsed = (file: Uint8Array): JsonFile => JSON.parse(new TextDecoder().decode(file)) as JsonFile;

export type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> & {
  __metadata__: Record<string, string>;
};

/** The header of a safetensors file, and its tensors' bytes. */
export function splitFile(file: Uint8Array): { header: Header; data: Uint8Array } {
  const start = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, start))) as Header;
  return { header, data: file.slice(start) };
}

/** A safetensors file from a header, as an object or as raw text, and the bytes after it. */
export function joinFile(header: object | string, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.byteLength + data.byteLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.byteLength), true);
  file.set(text, 8);
  file.set(data, 8 + text.byteLength);
  return file;
}
