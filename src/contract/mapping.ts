// Mappings turn a delivery into examples: places by field, conditions, and a few transforms.
import { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { isSafeHeader } from "../core/safe-header.ts";
import { boundedArray, boundedRecord, boundedString } from "./bounds.ts";
import { forInputFields, INPUT_FIELDS } from "./inputs.ts";

const POINTER = "(/([^~/]|~[01])*)*";
export const HEADER_NAME = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
export const HEADER = "header:";

const hasFewSteps = (text: string): boolean => text.split("/").length <= LIMITS.pointerDepth + 1;
const TOO_MANY_STEPS = `must have at most ${LIMITS.pointerDepth} steps`;
const UNSAFE_HEADER = "must not name a header with a credential, a signature or an address";

export const pointer = boundedString(LIMITS.pointerChars)
  .regex(new RegExp(`^${POINTER}$`), "must be a JSON Pointer, such as /issue/title")
  .refine(hasFewSteps, TOO_MANY_STEPS);

const headerName = boundedString(LIMITS.nameChars)
  .regex(new RegExp(`^${HEADER_NAME}$`), "must be the name of a header, such as X-GitHub-Event")
  .refine(isSafeHeader, UNSAFE_HEADER);

/** A JSON Pointer is empty or begins with "/", so `header:` cannot be one. */
const place = boundedString(LIMITS.pointerChars)
  .regex(
    new RegExp(`^(${HEADER}${HEADER_NAME}|${POINTER})$`),
    "must be a JSON Pointer, such as /issue/title, or a header, such as header:X-GitHub-Event",
  )
  .refine((text) => text.startsWith(HEADER) || hasFewSteps(text), TOO_MANY_STEPS)
  .refine((text) => !text.startsWith(HEADER) || isSafeHeader(text.slice(HEADER.length)), UNSAFE_HEADER);

const places = boundedArray(place, LIMITS.pointersPerField).min(1);
/** JSON parsers round integers beyond 2^53, so a condition on one would also match its neighbours. */
const exactNumber = z
  .number()
  .refine(
    (value) => !Number.isInteger(value) || Number.isSafeInteger(value),
    "must be written as a string beyond 2^53",
  );
const scalar = z.union([boundedString(LIMITS.conditionChars), exactNumber, z.boolean(), z.null()]);

const conditionsAt = (key: z.ZodString) =>
  boundedRecord(key, z.union([scalar, boundedArray(scalar, LIMITS.conditionValues)]), LIMITS.conditions);

const conditions = conditionsAt(place).openapi({
  description:
    "Required values by JSON Pointer into the payload, or by header (`header:X-GitHub-Event`): one value, or several of which one must match. null also matches a missing value. In an array, one item must match. A string also matches a number written with the same characters: write ids beyond 2^53 as strings. Most senders sign only the body: a third party with a signed delivery can send it again with other headers",
  example: { "/action": "labeled", "header:X-GitHub-Event": "issues" },
});
export type Conditions = z.infer<typeof conditions>;

const fieldRule = z
  .strictObject({
    pointer: place.optional().openapi({ description: "A JSON Pointer, or header: and the name of a header" }),
    header: headerName.optional().openapi({
      description:
        "A request header. Headers with credentials or signatures are not allowed. Most senders do not sign headers",
    }),
    first: places.optional().openapi({ description: "The first of these places that has a value" }),
    join: places.optional().openapi({ description: "Joins the texts at these places; some may be missing" }),
    constant: z.union([boundedString(LIMITS.conditionChars), z.number()]).optional(),
    separator: boundedString(LIMITS.separatorChars)
      .optional()
      .openapi({ description: "Separator for `join`; default: a space" }),
    each: z
      .union([pointer, boundedArray(pointer, LIMITS.pointersPerField).min(1)])
      .optional()
      .openapi({
        description: `Pointer into each item of an array; of several pointers, the first with a value. If the input has it, and id has it or is absent, each item is a separate example: up to ${LIMITS.examplesPerDelivery}, in one transaction. Fields with \`each\` must then have the same number of items; other fields are the same for all`,
      }),
    where: conditionsAt(pointer)
      .optional()
      .openapi({
        description:
          "Use only array items that match these conditions. They are written as in `when`, with pointers into the item",
        example: { "/from_name": "topic" },
      }),
    same: pointer.optional().openapi({
      description: "A pointer into each item. The delivery is unmappable if items with a value differ there",
    }),
    path_separator: boundedString(LIMITS.separatorChars)
      .optional()
      .openapi({ description: "Joins an array inside an item to one text, such as a path in a taxonomy" }),
    optional: z.boolean().optional().openapi({ description: "Omit the field if there is no value" }),
    strip_html: z.boolean().optional(),
    lower_case: z.boolean().optional(),
    max_chars: z
      .int()
      .min(1)
      .max(LIMITS.textChars)
      .optional()
      .openapi({ description: "Cut a text to this many Unicode code points" }),
    names: boundedRecord(boundedString(LIMITS.labelChars), boundedString(LIMITS.labelChars), LIMITS.labelsPerHead)
      .optional()
      .openapi({ description: "Replaces texts by others, after the other transforms. Texts that are not listed stay" }),
  })
  .refine(
    (rule) => [rule.pointer, rule.header, rule.first, rule.join, rule.constant].filter(isGiven).length === 1,
    "must have exactly one of pointer, header, first, join and constant",
  );
export type FieldRule = z.infer<typeof fieldRule>;

function isGiven(value: unknown): boolean {
  return value !== undefined;
}

const field = z
  .union(
    [place, fieldRule],
    "must be a JSON Pointer, or an object with one of pointer, header, first, join and constant",
  )
  .optional();
export type Field = string | FieldRule;

/** The fields of an example that a rule can fill. */
export const MAPPED_FIELDS = [...INPUT_FIELDS, "label", "labels", "value", "id", "split"] as const;
export type MappedField = (typeof MAPPED_FIELDS)[number];

export const mappingRule = z
  .strictObject({
    ...forInputFields(field),
    label: field,
    labels: field,
    value: field,
    id: field,
    split: field,
    group: field.openapi({
      description:
        "A group of examples, such as the sender's task. A rule with delete_when and without id deletes by group",
    }),
    order: field.openapi({
      description:
        "Order of events: an ISO 8601 time, or an increasing number such as a sequence. An event is ignored (`stale`) if it is older than the last one about the same example, or than its deletion",
      example: "/issue/updated_at",
    }),
    when: conditions
      .optional()
      .openapi({ description: "The deliveries to which the rule applies. It ignores all others" }),
    delete_when: z
      .union([conditions, boundedArray(conditions, LIMITS.conditions).min(1)])
      .optional()
      .openapi({
        description:
          "Deliveries that delete the example with this id, or with each id in an array; {} for all. Of several sets of conditions, one must match",
      }),
    delete_unlabelled: z.boolean().optional().openapi({
      description: "Delete the example with this id if its label, labels or value is missing",
    }),
  })
  .openapi("MappingRule", {
    example: {
      text: { join: ["/issue/title", "/issue/body"], separator: "\n", max_chars: 4_000 },
      label: "/label/name",
      id: "/issue/id",
      when: { "header:X-GitHub-Event": "issues", "/action": "labeled" },
    },
  });
export type MappingRule = z.infer<typeof mappingRule>;

/** The first rule whose `when` matches is applied. */
export const mapping = z.union([mappingRule, boundedArray(mappingRule, LIMITS.mappingRules).min(1)]);

/** The row that the rules extracted from a payload. */
export type MappedRow = { readonly [Name in MappedField]?: unknown };

/** Position of an event among the events about one example; texts that sort in this order (webhooks/order.ts). */
export type Position = string & { readonly position: unique symbol };

/** An example in the form of an upload's row, with its group and its event's position. */
export interface MappedExample {
  readonly row: MappedRow;
  readonly group?: string | undefined;
  readonly position?: Position | undefined;
}

/**
 * An id or a group to delete. `position` is null if the rules have an order but this event has none; absent if the rules have
 * no order.
 */
export interface MappedDeletion {
  readonly name: string;
  readonly position?: Position | null;
}

/** Examples to add and to delete: by id, or all of a group. */
export interface MappedChanges {
  readonly kind: "changes";
  readonly examples: readonly MappedExample[];
  readonly deletes: readonly MappedDeletion[];
  readonly deletedGroups: readonly MappedDeletion[];
  /** For a delivery of several parts: why some of them could not be mapped; null if all could. */
  readonly reason: DeliveryReason | null;
}

/**
 * What a delivery requests of a head. `ignored`: it is not meant for this source. `unmappable`: it is, but cannot be mapped.
 */
export type Mapped =
  | { readonly kind: "train" }
  | MappedChanges
  | { readonly kind: "ignored"; readonly reason: DeliveryReason }
  | { readonly kind: "unmappable"; readonly reason: DeliveryReason };

/**
 * Why a delivery had no effect: a stable code, a description, and the place concerned: in the payload or the row, or a header.
 */
export interface DeliveryReason {
  readonly code: string;
  readonly detail: string;
  readonly pointer?: string | undefined;
  readonly header?: string | undefined;
}
