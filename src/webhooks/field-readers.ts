// Reads the value of each field from what its rule found.
import { type InputField, isInputField, type MappedAs, mappedAs } from "../contract/inputs.ts";
import { LIMITS } from "../core/limits.ts";
import { numberOf, roundedOf, textOf } from "./exact-number.ts";
import { absent, type FieldName, isMiss, type Miss, missed, type Read, type Site } from "./field-site.ts";
import { isNothing } from "./find-value.ts";
import { positionOf } from "./order.ts";
import { transformed } from "./transforms.ts";

type ReadValue = (site: Site, values: readonly unknown[], whole: unknown) => Read;

/** By field; for the fields of an input, by what they hold. */
const READERS: Readonly<Record<Exclude<FieldName, InputField> | MappedAs, ReadValue>> = {
  text: readText,
  json: (_, __, whole) => roundedOf(whole),
  label: readText,
  labels: textsOf,
  value: readNumber,
  id: readName,
  split: readName,
  group: readName,
  order: readOrder,
};

const readerOf = (name: FieldName): ReadValue => READERS[isInputField(name) ? mappedAs(name) : name];

/** Whether a field takes what was found as it is, instead of a list of values. */
export const takesWhole = (name: FieldName): boolean => readerOf(name) === READERS.json;

export function readValue(site: Site, whole: unknown, values: readonly unknown[]): Read {
  if (!isNothing(whole)) return readerOf(site.name)(site, values, whole);
  return absent(site, whole === null ? "is null" : "finds nothing");
}

/** A text; of an array, the first one. Numbers keep the digits that the sender wrote. */
function readText(site: Site, values: readonly unknown[]): Read {
  if (values.length === 0) return absent(site, "finds no value");
  const texts = textsOf(site, values.slice(0, 1));
  return isMiss(texts) ? texts : texts[0];
}

/** A text that is not empty. As in an uploaded CSV, an empty text counts as missing. */
function readName(site: Site, values: readonly unknown[]): Read {
  const text = readText(site, values);
  if (site.name === "group" && typeof text === "string" && text.length > LIMITS.idChars)
    return missed(site, `is longer than ${LIMITS.idChars} characters`, false);
  return text === "" ? absent(site, "is empty") : text;
}

function readOrder(site: Site, values: readonly unknown[]): Read {
  const text = readText(site, values);
  if (typeof text !== "string") return text;
  return positionOf(text) ?? missed(site, "is neither an ISO 8601 time nor a number that is not negative", false);
}

export function textsOf(site: Site, values: readonly unknown[]): readonly string[] | Miss {
  const texts = values.map(textOf);
  if (texts.includes(null)) return missed(site, "holds a value that is not a text", false);
  return (texts as string[]).map((text) => transformed(text, site.rule, site.work));
}

function readNumber(site: Site, values: readonly unknown[]): Read {
  if (values.length === 0) return absent(site, "finds no value");
  return numberOf(values[0]) ?? missed(site, "is not a number in decimal, such as 3 or -1.5e2", false);
}
