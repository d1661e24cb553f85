// Inputs as a head stores them: a text in the input's row, a file, or only the feature. This depends on the form of a kind, not
// on the kind.

import type { NewExample } from "../../../src/contract/example-rpc.ts";
import { kindOf, type ParsedInput, type StoredContent, type StoredForm } from "../../../src/contract/inputs.ts";
import { modalityOf } from "../../../src/contract/rpc.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { filesOf, type NewFile } from "../../tables/files.ts";
import { InputTexts } from "../../tables/input-texts.ts";
import { readFile } from "../files/read-file.ts";
import type { HeadStore } from "../store.ts";
import type { HeadTools } from "../tools.ts";

export type FileTools = Pick<HeadTools, "store" | "bucket">;

/** The part of a content that is in the input's row. */
export const textOf = (content: StoredContent): string | null => (content.form === "text" ? content.text : null);

/** The files among the inputs of new examples. */
export const filesIn = (examples: readonly Pick<NewExample, "digest" | "content">[]): NewFile[] =>
  examples.flatMap(({ digest, content }) =>
    content.form === "file" ? { digest, mediaType: content.mediaType, bytes: content.bytes } : [],
  );

export const formOf = ({ config }: Pick<HeadStore, "config">): StoredForm => kindOf(modalityOf(config)).form;

export const NO_FEATURE = new Float32Array();

/** Stores the contents of inputs that were stored without them while `keep_inputs` was false. */
export function restoreInputs({ storage }: HeadStore, examples: readonly NewExample[]): void {
  new InputTexts(storage.sql).restore(examples.map(({ digest, content }) => [digest, textOf(content)]));
}

/** The fields of a request for an input whose text is in its row; none for others, whose content is stored elsewhere. */
export function inlineInput(
  { config }: Pick<HeadStore, "config">,
  text: string | null,
): Readonly<Record<string, string>> {
  if (text === null) return {};
  const kind = kindOf(modalityOf(config));
  return kind.written(kind.restored({ form: "text", text }, NO_FEATURE));
}

/** The fields of a request for the file of an input; none for a head without files. */
export async function storedFileOf(tools: FileTools, digest: string): Promise<Readonly<Record<string, string>>> {
  const kind = kindOf(modalityOf(tools.store.config));
  const file = kind.form === "file" ? await readFile(tools, digest) : null;
  return file ? kind.written(kind.restored({ form: "file", ...file }, NO_FEATURE)) : {};
}

/** The first inputs whose files fit into memory together, at least one. Counts the sizes of files before it reads any. */
export function readableTogether<Row extends { readonly digest: string }>(
  store: HeadStore,
  rows: readonly Row[],
): readonly Row[] {
  if (formOf(store) !== "file") return rows;
  const some = rows.slice(0, LIMITS.filesReadAtOnce);
  const sizes = filesOf(store).sizes(some.map(({ digest }) => digest));
  let bytes = 0;
  const over = some.findIndex(({ digest }, i) => {
    bytes += sizes.get(digest) ?? 0;
    return i > 0 && bytes > LIMITS.fileBytesReadAtOnce;
  });
  return over < 0 ? some : some.slice(0, over);
}

/**
 * Stored inputs by digest. `features`: their features, one after another; null: they have none yet. Leaves out those that are
 * deleted while files are read.
 */
export async function restoredInputs(
  tools: FileTools,
  rows: readonly { readonly digest: string; readonly text: string | null }[],
  features: Float32Array | null,
): Promise<Map<string, ParsedInput>> {
  const kind = kindOf(modalityOf(tools.store.config));
  const dims = (features?.length ?? 0) / rows.length;
  const parsed = new Map<string, ParsedInput>();
  for (const [i, { digest, text }] of rows.entries()) {
    const content = kind.form === "file" ? await fileContentOf(tools, digest) : inlineContent(text);
    const feature = features?.subarray(i * dims, (i + 1) * dims) ?? NO_FEATURE;
    if (content) parsed.set(digest, kind.restored(content, feature));
  }
  return parsed;
}

const inlineContent = (text: string | null): StoredContent =>
  text === null ? { form: "feature" } : { form: "text", text };

/** null: the input was deleted. */
async function fileContentOf(tools: FileTools, digest: string): Promise<StoredContent | null> {
  const file = await readFile(tools, digest);
  if (file) return { form: "file", ...file };
  if (tools.store.features.missing([digest]).length > 0) return null;
  throw new Error(`The file of the input ${digest} is not stored`);
}
