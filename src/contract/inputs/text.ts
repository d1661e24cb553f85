// Texts.
import { utf8 } from "../../core/bytes.ts";
import { isBlank } from "../../core/ignorable.ts";
import { LIMITS } from "../../core/limits.ts";
import { boundedString } from "../bounds.ts";
import type { RowProblem } from "../row-problem.ts";
import { hasOnly, type InputKind, isText, problemWith, strangeContent } from "./kind.ts";

export interface TextInput {
  readonly modality: "text";
  /** Well-formed: each text has one digest. */
  readonly text: string;
}

interface Given {
  readonly text: string;
}

/** The input of a text that was checked before. */
export const inputOfText = (text: string): TextInput => ({ modality: "text", text });

export const text = {
  fields: { text: boundedString(LIMITS.inputTextChars).optional() },
  form: "text",
  mappedAs: "text",
  requestBytes: LIMITS.predictBodyBytes,
  jsonBytes: LIMITS.lineBytes,
  isPlain: (value) => hasOnly(value, "text", isText),
  parse: ({ text: given }): TextInput | RowProblem => {
    if (given.length > LIMITS.textChars) {
      const detail = `text has ${given.length} characters; the most is ${LIMITS.textChars}: cut it to what matters`;
      return problemWith("text", detail);
    }
    // A lone surrogate has no UTF-8 bytes: it becomes U+FFFD.
    const wellFormed = given.toWellFormed();
    return isBlank(wellFormed) ? problemWith("text", "text is empty") : inputOfText(wellFormed);
  },
  digested: ({ text: own }) => utf8(own),
  written: ({ text: own }) => ({ text: own }),
  stored: ({ text: own }) => ({ form: "text", text: own }),
  restored: (content) => {
    if (content.form !== "text") throw strangeContent(content.form, "A text");
    return inputOfText(content.text);
  },
} as const satisfies InputKind<Given, TextInput>;
