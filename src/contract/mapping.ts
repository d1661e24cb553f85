// How a payload becomes an example: JSON Pointers (RFC 6901) by field, conditions, and a few transforms.
import { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedArray, boundedRecord, boundedString } from "./bounds.ts";

export const pointer = boundedString(LIMITS.pointerChars)
  .regex(/^(\/([^~/]|~[01])*)*$/, "must be a JSON Pointer, such as /issue/title")
  .refine((text) => text.split("/").length <= LIMITS.pointerDepth + 1, `must be ${LIMITS.pointerDepth} steps at most`);

const pointers = boundedArray(pointer, LIMITS.pointersPerField).min(1);
const scalar = z.union([boundedString(LIMITS.conditionChars), z.number(), z.boolean(), z.null()]);

const conditions = boundedRecord(
  pointer,
  z.union([scalar, boundedArray(scalar, LIMITS.conditionValues)]),
  LIMITS.conditions,
).openapi({
  description:
    "By pointer, the value that must stand there, or several of which one must; null fits what is missing too. Where an array stands, one of its items must fit",
  example: { "/action": "labeled" },
});
export type Conditions = z.infer<typeof conditions>;

const fieldRule = z
  .strictObject({
    pointer: pointer.optional(),
    first: pointers.optional().openapi({ description: "The first of these that finds something" }),
    join: pointers.optional().openapi({ description: "The texts of these, of which some may be missing" }),
    constant: z.union([boundedString(LIMITS.conditionChars), z.number()]).optional(),
    separator: boundedString(LIMITS.separatorChars)
      .optional()
      .openapi({ description: "Between what `join` finds; a blank unless given" }),
    each: pointer.optional().openapi({ description: "Into every item, where an array was found" }),
    optional: z.boolean().optional().openapi({ description: "Leave the field out where nothing is found" }),
    strip_html: z.boolean().optional(),
    lower_case: z.boolean().optional(),
    names: boundedRecord(boundedString(LIMITS.labelChars), boundedString(LIMITS.labelChars), LIMITS.labelsPerHead)
      .optional()
      .openapi({ description: "What a text becomes, after the other transforms; others stay" }),
  })
  .refine(
    (rule) => [rule.pointer, rule.first, rule.join, rule.constant].filter((from) => from !== undefined).length === 1,
    "must have exactly one of pointer, first, join and constant",
  );
export type FieldRule = z.infer<typeof fieldRule>;

const field = z
  .union([pointer, fieldRule], "must be a JSON Pointer, or an object with one of pointer, first, join and constant")
  .optional();
export type Field = string | FieldRule;

/** The fields of an example that a rule may fill. */
export const MAPPED_FIELDS = ["text", "features", "label", "labels", "value", "id", "split"] as const;
export type MappedField = (typeof MAPPED_FIELDS)[number];

export const mappingRule = z
  .strictObject({
    ...{ text: field, features: field, label: field, labels: field, value: field, id: field, split: field },
    when: conditions.optional().openapi({ description: "Other payloads are not for this rule" }),
    delete_when: conditions
      .optional()
      .openapi({ description: "Payloads that delete the example of this id, or of each id in an array; {} for all" }),
  })
  .openapi("MappingRule", {
    example: {
      text: { join: ["/issue/title", "/issue/body"], separator: "\n" },
      label: "/label/name",
      id: "/issue/id",
      when: { "/action": "labeled" },
    },
  });
export type MappingRule = z.infer<typeof mappingRule>;

/** The first rule whose `when` fits decides. */
export const mapping = z.union([mappingRule, boundedArray(mappingRule, LIMITS.mappingRules).min(1)]);

/** A payload as the rules read it. */
export type MappedRow = { readonly [Name in MappedField]?: unknown };

/** What a payload asks of a head. */
export type Mapped =
  | { readonly kind: "train" }
  | { readonly kind: "example"; readonly row: MappedRow }
  | { readonly kind: "delete"; readonly ids: readonly string[] }
  | { readonly kind: "ignored"; readonly reason: DeliveryReason }
  | { readonly kind: "unmappable"; readonly reason: DeliveryReason };

/** Why a delivery had no effect: a stable code, what happened, and the pointer into the payload or the row it is about. */
export interface DeliveryReason {
  readonly code: string;
  readonly detail: string;
  readonly pointer?: string | undefined;
}
