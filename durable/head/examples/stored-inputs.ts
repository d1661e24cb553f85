// Inputs as a head stores them: a text in the input's row, a file, or nothing beside the feature. The form decides, not the kind.
import {
  kindOf,
  type Modality,
  type ParsedInput,
  type StoredContent,
  type StoredForm,
} from "../../../src/contract/inputs.ts";
import { modalityOf, type NewExample } from "../../../src/contract/rpc.ts";
import type { NewFile } from "../../tables/files.ts";
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

/** The form in which a head stores its inputs. */
export const formOf = ({ config }: Pick<HeadStore, "config">): StoredForm => kindOf(modalityOf(config)).form;

const NO_FEATURE = new Float32Array();

/** Stores the contents of inputs that were stored without, while `keep_inputs` was false. */
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

/** Pending inputs with their files, by digest. Leaves out those that are deleted meanwhile. */
export async function restoredPending(
  tools: FileTools,
  rows: readonly { readonly digest: string; readonly text: string | null }[],
): Promise<Map<string, ParsedInput>> {
  const modality = modalityOf(tools.store.config);
  const kind = kindOf(modality);
  const parsed = new Map<string, ParsedInput>();
  if (kind.form !== "file") {
    for (const [i, input] of restoredInputs(rows, null, modality).entries())
      parsed.set(rows[i]?.digest as string, input);
    return parsed;
  }
  for (const { digest } of rows) {
    const file = await readFile(tools, digest);
    if (file) parsed.set(digest, kind.restored({ form: "file", ...file }, NO_FEATURE));
    else if (tools.store.features.pending.among([digest]).size > 0)
      throw new Error(`The file of the pending input ${digest} is not stored`);
  }
  return parsed;
}

/** The inputs of stored rows. `features`: their features, one after another; null: they have none yet. */
export function restoredInputs(
  rows: readonly { readonly text: string | null }[],
  features: Float32Array | null,
  modality: Modality,
): ParsedInput[] {
  const kind = kindOf(modality);
  const dims = (features?.length ?? 0) / rows.length;
  return rows.map(({ text }, i) => {
    const content: StoredContent = text === null ? { form: "feature" } : { form: "text", text };
    return kind.restored(content, features?.subarray(i * dims, (i + 1) * dims) ?? NO_FEATURE);
  });
}
