// Every task by its name on the wire. A new name does not compile until its answers are added here.
import type { Task } from "../../contract/tasks.ts";
import { classification } from "./classification.ts";
import type { ServedTask } from "./kind.ts";
import { multilabel } from "./multilabel.ts";
import { regression } from "./regression.ts";

export const SERVED_TASKS: Readonly<Record<Task, ServedTask>> = { classification, multilabel, regression };
