// Arithmetic of sizes that may have names: a size is a number, or a product such as `12*batch`.
import type { Dim, Shape } from "./graph.ts";

interface Product {
  readonly factor: number;
  readonly names: readonly string[];
}

function parse(dim: Dim): Product {
  if (typeof dim === "number") return { factor: dim, names: [] };
  const parts = dim.split("*");
  const factor = Number(parts[0]);
  return Number.isNaN(factor) ? { factor: 1, names: parts } : { factor, names: parts.slice(1) };
}

function print({ factor, names }: Product): Dim {
  if (names.length === 0 || factor === 0) return factor;
  const sorted = [...names].sort().join("*");
  return factor === 1 ? sorted : `${factor}*${sorted}`;
}

export function timesDim(a: Dim, b: Dim): Dim {
  const [left, right] = [parse(a), parse(b)];
  return print({ factor: left.factor * right.factor, names: [...left.names, ...right.names] });
}

/** null if the quotient is not a whole product. */
export function overDim(a: Dim, b: Dim): Dim | null {
  const [left, right] = [parse(a), parse(b)];
  const names = [...left.names];
  for (const name of right.names) {
    const at = names.indexOf(name);
    if (at < 0) return null;
    names.splice(at, 1);
  }
  const factor = left.factor / right.factor;
  return Number.isInteger(factor) ? print({ factor, names }) : null;
}

/** null if the sum cannot be said as a product. */
export function plusDim(a: Dim, b: Dim): Dim | null {
  const [left, right] = [parse(a), parse(b)];
  if (a === 0) return b;
  if (b === 0) return a;
  const isAlike = left.names.join() === right.names.join();
  return isAlike ? print({ factor: left.factor + right.factor, names: left.names }) : null;
}

export const countDim = (shape: Shape): Dim => shape.reduce(timesDim, 1);

export const isSameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, at) => dim === b[at]);

/** The shape of an elementwise operation on these (ONNX, "multidirectional broadcasting"); null if they do not fit. */
export function broadcastShape(shapes: readonly Shape[]): Shape | null {
  const rank = Math.max(...shapes.map(({ length }) => length));
  const dims = Array.from({ length: rank }, (_, axis) =>
    broadcastDim(shapes.map((shape) => shape[axis - rank + shape.length] ?? 1)),
  );
  return dims.every((dim) => dim !== null) ? dims : null;
}

function broadcastDim(dims: readonly Dim[]): Dim | null {
  const others = [...new Set(dims.filter((dim) => dim !== 1))];
  return others.length > 1 ? null : (others[0] ?? 1);
}
