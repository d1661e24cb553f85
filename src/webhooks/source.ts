// The settings of a source: the rules that follow from them, and all problems that they have for a head, by field.
import { fieldsOf, INPUT_FIELDS, type Modality } from "../contract/inputs.ts";
import { HEADER, type MappingRule } from "../contract/mapping.ts";
import type { HmacOptions, TokenOptions } from "../contract/scheme-options.ts";
import type { NewSource, SourcePatch } from "../contract/sources.ts";
import { TARGET_FIELDS, targetFieldOf } from "../contract/tasks.ts";
import { LIMITS } from "../core/limits.ts";
import type { FieldError } from "../core/problems.ts";
import { type MappedHead, PRESET_BY_NAME } from "./presets.ts";
import { findScheme, SCHEME_BY_NAME, schemeOf } from "./schemes/registry.ts";
import type { SchemeOptions } from "./schemes/scheme.ts";

/** The settings that decide how deliveries are read, and what they cause. */
export interface SourceSettings {
  readonly scheme: NewSource["scheme"];
  readonly action: NewSource["action"];
  readonly mapping: NonNullable<NewSource["mapping"]> | null;
  readonly preset: NonNullable<NewSource["preset"]> | null;
  readonly hmac: HmacOptions | null;
  readonly token: TokenOptions | null;
  /** The control of Label Studio to learn from. Absent in sources from before this setting existed. */
  readonly from_name?: string | null;
  /** Whether payloads are never stored. */
  readonly redact: boolean;
  readonly description: string | null;
}

export const settingsOf = (source: NewSource): SourceSettings => ({
  scheme: source.scheme,
  action: source.action,
  mapping: source.mapping ?? null,
  preset: source.preset ?? null,
  from_name: source.from_name ?? null,
  hmac: source.hmac ?? null,
  token: source.token ?? null,
  redact: source.redact ?? false,
  description: source.description ?? null,
});

export function patchedSettings(before: SourceSettings, patch: SourcePatch): SourceSettings {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  return { ...before, ...Object.fromEntries(given) };
}

/** How the sender signs and identifies its deliveries: from the source's settings, or else from its preset. */
export function schemeOptionsOf({ scheme, hmac, token, preset }: SourceSettings): SchemeOptions {
  const known = preset === null ? null : PRESET_BY_NAME[preset];
  const own = schemeOf(scheme).options?.field === "token" ? (token ?? {}) : (hmac ?? known?.hmac ?? {});
  const isNamed = own.id_header !== undefined || own.id_pointer !== undefined;
  return isNamed || known?.idHeader === undefined ? own : { ...own, id_header: known.idHeader };
}

/**
 * The header with the signature or token, lower-case, if the source sets it. The headers of other schemes have names that no mapping
 * may read.
 */
export function secretHeadersOf(settings: SourceSettings): readonly string[] {
  const { options } = schemeOf(settings.scheme);
  return options ? [(schemeOptionsOf(settings).header ?? options.defaultHeader).toLowerCase()] : [];
}

/** The rules in the order in which they are tried. A mapping with a preset adds to its conditions and replaces its fields. */
export function rulesOf(
  { preset, mapping, from_name: fromName = null }: Pick<SourceSettings, "preset" | "mapping" | "from_name">,
  head: MappedHead,
): readonly MappingRule[] {
  const own = mapping === null ? [] : Array.isArray(mapping) ? mapping : [mapping];
  if (preset === null) return own;
  return PRESET_BY_NAME[preset].rules(head, { from_name: fromName }).map((rule) => own.reduce(withOverrides, rule));
}

function withOverrides(rule: MappingRule, { when, delete_when: deleteWhen, ...fields }: MappingRule): MappingRule {
  const { id = rule.id, order = rule.order } = fields;
  const own: MappingRule = onlyDeletes(rule) ? { id, order } : fields;
  return { ...rule, ...own, when: { ...rule.when, ...when }, delete_when: rule.delete_when ?? deleteWhen };
}

const onlyDeletes = (rule: MappingRule): boolean =>
  rule.delete_when !== undefined && INPUT_FIELDS.every((name) => rule[name] === undefined);

/** All problems, each with a pointer into the request. */
export function problemsWithSettings(settings: SourceSettings, head: MappedHead): FieldError[] {
  const names = Object.keys(SCHEME_BY_NAME).map((name) => JSON.stringify(name));
  if (!findScheme(settings.scheme)) return [{ pointer: "/scheme", detail: `must be one of ${names.join(", ")}` }];
  return [...problemsWithSigning(settings), ...problemsWithMapping(settings, head)];
}

function problemsWithSigning(settings: SourceSettings): FieldError[] {
  const rules = schemeOf(settings.scheme).options;
  const misplaced = OPTION_FIELDS.filter((field) => settings[field] !== null && field !== rules?.field);
  if (misplaced.length > 0)
    return misplaced.map((field) => ({
      pointer: `/${field}`,
      detail: `is for the scheme ${schemesWith(field)}, not ${settings.scheme}`,
    }));
  const options = rules && settings[rules.field];
  const problem = options ? rules.problemWith(options) : null;
  return problem ? [{ pointer: `/${rules?.field}/${problem.field}`, detail: problem.detail }] : [];
}

const OPTION_FIELDS = ["hmac", "token"] as const;

const schemesWith = (field: (typeof OPTION_FIELDS)[number]): string =>
  Object.keys(SCHEME_BY_NAME)
    .filter((name) => SCHEME_BY_NAME[name]?.options?.field === field)
    .join(" or ");

function problemsWithMapping(settings: SourceSettings, head: MappedHead): FieldError[] {
  const { action, mapping, preset, from_name: fromName } = settings;
  if (JSON.stringify(mapping).length > LIMITS.mappingJsonChars)
    return [{ pointer: "/mapping", detail: `must be ${LIMITS.mappingJsonChars} characters of JSON at most` }];
  if (fromName && preset !== "label-studio")
    return [{ pointer: "/from_name", detail: "is for the preset label-studio; use `where` in a mapping of your own" }];
  if (preset && Array.isArray(mapping))
    return [{ pointer: "/mapping", detail: "must be one rule beside a preset: it adds to each of the preset's" }];
  if (preset && !PRESET_BY_NAME[preset].targets.includes(targetFieldOf(head.task)))
    return [{ pointer: "/preset", detail: `does not teach a ${head.task} head; give a mapping` }];
  const secret = secretHeadersOf(settings).find((name) => namesHeader(mapping, name));
  if (secret !== undefined)
    return [{ pointer: "/mapping", detail: `must not read ${secret}, which holds the signature or the token` }];
  if (action === "train") return [];
  if (!mapping && !preset)
    return [{ pointer: "/mapping", detail: `or a preset is required, unless the action is "train"` }];
  const rules = rulesOf(settings, head);
  return rules.flatMap((rule, i) =>
    problemsWithRule(rule, head, Array.isArray(mapping) ? `/mapping/${i}` : "/mapping"),
  );
}

/** Whether any part of a mapping reads a header. */
function namesHeader(mapping: unknown, name: string): boolean {
  if (typeof mapping === "string") return mapping.toLowerCase() === `${HEADER}${name}`;
  if (Array.isArray(mapping)) return mapping.some((item) => namesHeader(item, name));
  if (mapping === null || typeof mapping !== "object") return false;
  return Object.entries(mapping).some(
    ([key, value]) =>
      key.toLowerCase() === `${HEADER}${name}` ||
      (key === "header" && typeof value === "string" && value.toLowerCase() === name) ||
      namesHeader(value, name),
  );
}

function problemsWithRule(rule: MappingRule, { task, modality }: MappedHead, at: string): FieldError[] {
  const problems: FieldError[] = [];
  const byGroup = onlyDeletes(rule) && rule.group !== undefined;
  if (rule.id === undefined && !byGroup && (rule.delete_when || rule.delete_unlabelled))
    problems.push({ pointer: `${at}/id`, detail: "is required where a rule deletes: it names what to delete" });
  if (onlyDeletes(rule)) return problems;
  const target = targetFieldOf(task);
  const stray = TARGET_FIELDS.find((field) => field !== target && rule[field] !== undefined);
  if (stray)
    problems.push({
      pointer: `${at}/${stray}`,
      detail: `is not for this head, which is ${task} and learns "${target}"`,
    });
  if (rule[target] === undefined)
    problems.push({ pointer: `${at}/${target}`, detail: `is required: this head is ${task}` });
  return [...problems, ...problemsWithInput(rule, modality, at)];
}

function problemsWithInput(rule: MappingRule, modality: Modality, at: string): FieldError[] {
  const own = fieldsOf(modality);
  const missing = own.filter((name) => rule[name] === undefined);
  const others = INPUT_FIELDS.filter((name) => rule[name] !== undefined && !own.includes(name));
  const problem = (name: string, detail: string): FieldError => ({ pointer: `${at}/${name}`, detail });
  return [
    ...missing.map((name) => problem(name, `is required: the inputs of this head are ${modality}`)),
    ...others.map((name) => problem(name, `is not for this head, whose inputs are ${modality}`)),
  ];
}
