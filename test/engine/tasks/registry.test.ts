// Runs the shared suite for every task.
import { TASKS } from "../../../src/contract/tasks.ts";
import { TASK_KINDS } from "../../../src/engine/tasks/registry.ts";
import { SERVED_TASKS } from "../../../src/serving/tasks/registry.ts";
import { describeTask } from "../../suites/task.suite.ts";

for (const task of TASKS) describeTask(task, TASK_KINDS[task], SERVED_TASKS[task]);
