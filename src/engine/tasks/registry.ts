// Every task by its name on the wire. A new name does not compile until its kind is added here.
import type { Metrics } from "../../contract/metrics.ts";
import type { Task } from "../../contract/tasks.ts";
import { classification } from "./classification.ts";
import type { Judging, TaskKind } from "./kind.ts";
import { multilabel } from "./multilabel.ts";
import { regression } from "./regression.ts";

const KINDS = { classification, multilabel, regression };

/** The sums of one task: a union by `task`. */
export type Judged = ReturnType<(typeof KINDS)[Task]["judging"]["empty"]>;

export const TASK_KINDS: Readonly<Record<Task, TaskKind<Judged, Metrics>>> = KINDS;

/** The judging of a plan's task, or of the task that sums belong to. */
export const judgingOf = ({ task }: { readonly task: Task }): Judging<Judged, Metrics> => TASK_KINDS[task].judging;
