// What is said of a sound that cannot be read.
import { Fault } from "../../core/problems.ts";

export const unreadable = (why: string): Fault => new Fault("unreadable_input", `The sound cannot be read: ${why}`);
