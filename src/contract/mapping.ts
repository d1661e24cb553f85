// How a delivery becomes examples: places in it by field, conditions, and a few transforms.
import { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { isSafeHeader } from "../core/safe-header.ts";
import { boundedArray, boundedRecord, boundedString } from "./bounds.ts";

const POINTER = "(/([^~/]|~[01])*)*";
export const HEADER_NAME = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
export const HEADER = "header:";

const hasFewSteps = (text: string): boolean => text.split("/").length <= LIMITS.pointerDepth + 1;
const TOO_MANY_STEPS = `must be ${LIMITS.pointerDepth} steps at most`;
const UNSAFE_HEADER = "must not name a header that carries a credential, a signature or an address";

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
/** JSON readers round integers beyond 2^53, so a condition on one would fit its neighbours. */
const exactNumber = z
  .number()
  .refine((value) => !Number.isInteger(value) || Number.isSafeInteger(value), "must be written as a text beyond 2^53");
const scalar = z.union([boundedString(LIMITS.conditionChars), exactNumber, z.boolean(), z.null()]);

const conditionsAt = (key: z.ZodString) =>
  boundedRecord(key, z.union([scalar, boundedArray(scalar, LIMITS.conditionValues)]), LIMITS.conditions);

const conditions = conditionsAt(place).openapi({
  description:
    "By JSON Pointer into the payload, or by header (`header:X-GitHub-Event`), the value that must stand there, or several of which one must; null fits what is missing too. Where an array stands, one of its items must fit. A text also fits a number written with the same characters: write ids beyond 2^53 as texts. Most senders sign the body only: whoever holds a signed delivery can send it again with other headers",
  example: { "/action": "labeled", "header:X-GitHub-Event": "issues" },
});
export type Conditions = z.infer<typeof conditions>;

const fieldRule = z
  .strictObject({
    pointer: place.optional().openapi({ description: "A JSON Pointer, or header: and the name of a header" }),
    header: headerName.optional().openapi({
      description: "A request header; not one that carries a credential or a signature. Most senders do not sign it",
    }),
    first: places.optional().openapi({ description: "The first of these that finds something" }),
    join: places.optional().openapi({ description: "The texts of these, of which some may be missing" }),
    constant: z.union([boundedString(LIMITS.conditionChars), z.number()]).optional(),
    separator: boundedString(LIMITS.separatorChars)
      .optional()
      .openapi({ description: "Between what `join` finds; a blank unless given" }),
    each: z
      .union([pointer, boundedArray(pointer, LIMITS.pointersPerField).min(1)])
      .optional()
      .openapi({
        description: `Into every item, where an array was found; of several pointers, the first that finds something. Where text or features have it, and id has it or is not given, each item is an example of its own: up to ${LIMITS.examplesPerDelivery}, in one transaction. Fields with \`each\` must then find as many items; the others are the same for all`,
      }),
    where: conditionsAt(pointer)
      .optional()
      .openapi({
        description: "Only items of the array that fit: conditions as in `when`, with pointers into the item",
        example: { "/from_name": "topic" },
      }),
    same: pointer.optional().openapi({
      description: "A pointer into each item: the delivery is unmappable where items with a value differ there",
    }),
    path_separator: boundedString(LIMITS.separatorChars)
      .optional()
      .openapi({ description: "Makes one text of an array inside an item, such as a path in a taxonomy" }),
    optional: z.boolean().optional().openapi({ description: "Leave the field out where nothing is found" }),
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
      .openapi({ description: "What a text becomes, after the other transforms; others stay" }),
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

/** The fields of an example that a rule may fill. */
export const MAPPED_FIELDS = ["text", "features", "label", "labels", "value", "id", "split"] as const;
export type MappedField = (typeof MAPPED_FIELDS)[number];

export const mappingRule = z
  .strictObject({
    text: field,
    features: field,
    label: field,
    labels: field,
    value: field,
    id: field,
    split: field,
    group: field.openapi({
      description: "What the example belongs to, such as a task: a rule with delete_when and no id deletes by group",
    }),
    order: field.openapi({
      description:
        "When the event happened: an ISO 8601 time, or a number that grows, such as a sequence. An event that is older than the last one about the same example is ignored (`stale`), and so is one that is older than its deletion",
      example: "/issue/updated_at",
    }),
    when: conditions.optional().openapi({ description: "Other deliveries are not for this rule" }),
    delete_when: z
      .union([conditions, boundedArray(conditions, LIMITS.conditions).min(1)])
      .optional()
      .openapi({
        description:
          "Deliveries that delete the example of this id, or of each id in an array; {} for all. Of several sets of conditions, one must fit",
      }),
    delete_unlabelled: z.boolean().optional().openapi({
      description: "Delete the example of this id where its label, labels or value finds nothing",
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

/** The first rule whose `when` fits decides. */
export const mapping = z.union([mappingRule, boundedArray(mappingRule, LIMITS.mappingRules).min(1)]);

/** A payload as the rules read it. */
export type MappedRow = { readonly [Name in MappedField]?: unknown };

/** Where an event stands among those about one example; texts that sort as what they stand for (webhooks/order.ts). */
export type Position = string & { readonly position: unique symbol };

/** An example as a row of an upload has it, what it belongs to, and where its event stands. */
export interface MappedExample {
  readonly row: MappedRow;
  readonly group?: string;
  readonly position?: Position;
}

/** An id or a group to delete. `position` is null where the rules have an order and this event has none, absent where they have none. */
export interface MappedDeletion {
  readonly name: string;
  readonly position?: Position | null;
}

/** Examples to add and to delete: by their ids, or all of a group. */
export interface MappedChanges {
  readonly kind: "changes";
  readonly examples: readonly MappedExample[];
  readonly deletes: readonly MappedDeletion[];
  readonly deletedGroups: readonly MappedDeletion[];
  /** Of a delivery of several parts, some of which could not be read: why. */
  readonly reason: DeliveryReason | null;
}

/** What a delivery asks of a head. `ignored`: it is not for this source; `unmappable`: it is, but cannot be read. */
export type Mapped =
  | { readonly kind: "train" }
  | MappedChanges
  | { readonly kind: "ignored"; readonly reason: DeliveryReason }
  | { readonly kind: "unmappable"; readonly reason: DeliveryReason };

/** Why a delivery had no effect: a stable code, what happened, and what it is about: one place in the payload or the row, or a header. */
export interface DeliveryReason {
  readonly code: string;
  readonly detail: string;
  readonly pointer?: string | undefined;
  readonly header?: string | undefined;
}
