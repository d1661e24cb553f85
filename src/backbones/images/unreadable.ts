// What is said of a picture that cannot be read.
import { Fault } from "../../core/problems.ts";

export const unreadable = (why: string): Fault => new Fault("unreadable_input", `The picture cannot be read: ${why}`);
