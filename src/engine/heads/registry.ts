// Every kind of head by its name on the wire. A new name does not compile until its kind is added here.
import type { HeadKindName } from "../../contract/recipes.ts";
import type { HeadKind } from "./kind.ts";
import { linear } from "./linear.ts";
import { mlp } from "./mlp.ts";

export const HEAD_KINDS: Readonly<Record<HeadKindName, HeadKind>> = { linear, mlp };
