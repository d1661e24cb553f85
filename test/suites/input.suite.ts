// Requirements of every kind of input.
import { describe, expect, it } from "vitest";
import {
  contentOf,
  digestedBytes,
  digestOf,
  fieldsOf,
  type GivenInput,
  INPUT_FIELDS,
  type Input,
  input as inputSchema,
  kindOf,
  MODALITIES,
  type Modality,
  type ParsedInput,
  parseInput,
  writtenInput,
} from "../../src/contract/inputs.ts";
import { sha256Hex } from "../../src/core/bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";

export interface InputSample {
  readonly dimension: number;
  /** Different inputs, all valid. */
  readonly inputs: readonly Input[];
  /** The digest of the first input. Stored inputs have it, so it must never change. */
  readonly digest: string;
  /** Bad values, each with a name and the complete text of its problem. */
  readonly bad: readonly (readonly [name: string, input: Input, detail: string])[];
  /** Inputs that are as large as the schema allows, or larger than any valid input. */
  readonly huge: readonly Input[];
}

export function parsedInput(modality: Modality, given: GivenInput, dimension = 0): ParsedInput {
  const parsed = parseInput(given, modality, dimension);
  if ("code" in parsed) throw new Error(`${JSON.stringify(given).slice(0, 200)}: ${parsed.detail}`);
  return parsed;
}

/** Longer than the check of any value takes, even on a busy machine. */
const MOST_MS = 2_000;

export function describeInputs(modality: Modality, { dimension, inputs, digest, bad, huge }: InputSample): void {
  const kind = kindOf(modality);
  const all = inputs.map((given) => parsedInput(modality, given, dimension));
  const first = inputs[0] as Input;

  describe(`an input of the kind ${modality}`, () => {
    it("has the name of its kind, and only the fields of its kind", () => {
      for (const parsed of all) expect(parsed.modality).toBe(modality);
      const others = MODALITIES.filter((other) => other !== modality).flatMap(fieldsOf);
      expect(fieldsOf(modality).filter((name) => others.includes(name))).toEqual([]);
      expect(fieldsOf(modality).length).toBeGreaterThan(0);
    });

    it("is the same after it is written and parsed again", () => {
      for (const parsed of all) {
        expect(inputSchema.safeParse(writtenInput(parsed)).error).toBeUndefined();
        expect(parsedInput(modality, writtenInput(parsed), dimension)).toEqual(parsed);
      }
    });

    it("has a digest of its own, which stored inputs of it have too", async () => {
      const digests = await Promise.all(all.map(digestOf));
      expect(digests[0]).toBe(digest);
      expect(new Set(digests).size).toBe(all.length);
      expect(await Promise.all(all.map((parsed) => sha256Hex(digestedBytes(parsed))))).toEqual(digests);
    });

    it("is the same after it is stored and restored", async () => {
      for (const parsed of all) {
        const content = contentOf(parsed);
        expect(content.form).toBe(kind.form);
        const feature = "vector" in parsed ? parsed.vector : new Float32Array(dimension);
        const restored = kind.restored(structuredClone(content), feature);
        expect(restored).toEqual(parsed);
        expect(await digestOf(restored)).toBe(await digestOf(parsed));
      }
    });

    it("is parsed to the same input with and without the schema", () => {
      for (const given of inputs.filter(kind.isPlain)) {
        expect(inputSchema.safeParse(given).error).toBeUndefined();
        expect(kind.parse(given, dimension)).toEqual(parsedInput(modality, given, dimension));
      }
      for (const other of [null, "", 1, [], {}, { ...first, more: 1 }]) expect(kind.isPlain(other)).toBe(false);
    });

    it("is refused together with another input, and if it is missing", () => {
      const other = INPUT_FIELDS.find((name) => !fieldsOf(modality).includes(name)) as string;
      const both = parseInput({ ...first, [other]: "AAAA" }, modality, dimension);
      expect(both).toMatchObject({ code: "invalid_input", detail: expect.stringContaining(" and ") });
      expect(parseInput({}, modality, dimension)).toMatchObject({ code: "invalid_input", pointer: "" });
    });

    it("is refused by a head of another kind, with a pointer to it", () => {
      for (const name of INPUT_FIELDS.filter((field) => !fieldsOf(modality).includes(field))) {
        const problem = parseInput({ [name]: "AAAA" }, modality, dimension);
        expect(problem).toMatchObject({ code: "invalid_input", pointer: `/${name}` });
      }
    });

    it.each(bad)("is refused with the reason if it is %s", (_, given, detail) => {
      const pointer = `/${Object.keys(given)[0]}`;
      expect(parseInput(given, modality, dimension)).toEqual({ code: "invalid_input", pointer, detail });
    });

    it("is refused at once, with a short reason, if it is huge", () => {
      for (const given of huge) {
        const before = performance.now();
        const problem = parseInput(given, modality, dimension);
        expect(performance.now() - before).toBeLessThan(MOST_MS);
        expect(problem).toMatchObject({ code: "invalid_input" });
        expect((problem as { detail: string }).detail.length).toBeLessThan(300);
      }
    });

    it("fits into the requests that its kind allows", () => {
      expect(kind.jsonBytes).toBeLessThanOrEqual(kind.requestBytes);
      for (const parsed of all) expect(JSON.stringify(writtenInput(parsed)).length).toBeLessThan(kind.jsonBytes);
      expect(kind.requestBytes).toBeLessThanOrEqual(LIMITS.predictMediaBytes);
    });
  });
}
