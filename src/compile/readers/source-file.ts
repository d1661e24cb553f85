// A file of a model: its bytes, and the digest that the bundle names as its source.
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { CompileError } from "../compile-error.ts";

export interface SourceFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

const MOST_BYTES = 2 ** 31 - 1;

export function readSourceFile(path: string): SourceFile {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size;
  if (bytes === undefined) throw new CompileError(path, "there is no such file");
  if (bytes > MOST_BYTES) throw new CompileError(path, `the file has ${bytes} bytes; at most ${MOST_BYTES} are read`);
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  return { path, name: basename(path), bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

/** A file of a few kilobytes as JSON. */
export function parseJson({ path, bytes }: SourceFile): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw new CompileError(path, `not JSON: ${(error as Error).message}`);
  }
  throw new CompileError(path, "expected a JSON object");
}

export const digestOf = ({ bytes }: SourceFile): string => createHash("sha256").update(bytes).digest("hex");
