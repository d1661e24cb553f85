// The shared part of kinds whose input is one file: base64 or a data URL in a request, a stored file in a head. Each such kind
// adds its name, formats and size.

import { LIMITS } from "../../core/limits.ts";
import { atOnce, type Steps } from "../../core/steps.ts";
import { boundedString } from "../bounds.ts";
import type { RowProblem } from "../row-problem.ts";
import { charsOfFile, dataUrlOf, type FileRules, parseFile } from "./file.ts";
import { type FileContent, hasOnly, type InputKind, isText, strangeContent } from "./kind.ts";

export interface FileInput<Name extends string> extends FileContent {
  readonly modality: Name;
}

/** The kind whose modality and field are `rules.name`. */
export function fileKind<Name extends string>(rules: FileRules<Name>) {
  type Given = Readonly<Record<Name, string>>;
  const { name, mostBytes, formats } = rules;
  const inputOf = ({ mediaType, bytes }: FileContent): FileInput<Name> => ({ modality: name, mediaType, bytes });
  function* parseInSteps(given: Given): Steps<FileInput<Name> | RowProblem> {
    const file = yield* parseFile(given[name], rules);
    return "code" in file ? file : inputOf(file);
  }
  const field = boundedString(charsOfFile(mostBytes))
    .optional()
    .openapi({ description: `base64 or data URL of ${formats}` });
  return {
    fields: { [name]: field } as { readonly [Field in Name]: typeof field },
    form: "file",
    mappedAs: "text",
    requestBytes: LIMITS.predictMediaBytes,
    jsonBytes: charsOfFile(mostBytes) + LIMITS.lineBytes,
    isPlain: (value) => hasOnly(value, name, isText),
    parse: (given): FileInput<Name> | RowProblem => atOnce(parseInSteps(given)),
    parseInSteps,
    digested: ({ bytes }) => bytes,
    written: (input) => ({ [name]: dataUrlOf(input) }),
    stored: ({ mediaType, bytes }) => ({ form: "file", mediaType, bytes }),
    restored: (content) => {
      if (content.form !== "file") throw strangeContent(content.form, rules.noun);
      return inputOf(content);
    },
  } as const satisfies InputKind<Given, FileInput<Name>>;
}
