// Typed access to the attributes of a node. A file may hold anything: what does not fit names the node.
import { CompileError } from "../compile-error.ts";
import type { GraphNode } from "../graph.ts";

/** How errors name a node. */
export const placeOf = ({ op, name }: GraphNode): string => `node "${name}" (${op})`;

export function numberAttribute(node: GraphNode, name: string, fallback?: number): number {
  const value = node.attributes[name] ?? fallback;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new CompileError(placeOf(node), `its attribute ${name} is ${String(value)}; expected a number`);
}

export function textAttribute(node: GraphNode, name: string, fallback?: string): string {
  const value = node.attributes[name] ?? fallback;
  if (typeof value === "string") return value;
  throw new CompileError(placeOf(node), `its attribute ${name} is ${String(value)}; expected a text`);
}

export function listAttribute(node: GraphNode, name: string, fallback?: readonly number[]): readonly number[] {
  const value = node.attributes[name] ?? fallback;
  if (Array.isArray(value)) return value;
  throw new CompileError(placeOf(node), `its attribute ${name} is ${String(value)}; expected numbers`);
}
