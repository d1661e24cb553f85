// Finds literals that are packed into another list by a spread. TypeScript does not check such an object for misspelt optional
// fields, and such arguments hide how many parameters a function has.
import { parseSync } from "oxc-parser";

interface Node {
  readonly type: string;
  readonly start: number;
  readonly argument?: Node;
  readonly expression?: Node;
  readonly left?: Node;
  readonly right?: Node;
  readonly consequent?: Node;
  readonly alternate?: Node;
  readonly properties?: readonly Node[];
  readonly arguments?: readonly Node[];
  readonly typeAnnotation?: Node | null;
}

/** The lines of `text` that spread an object literal into an object, or an array literal into arguments or parameters. */
export function packedLines(path: string, text: string): number[] {
  const lines: number[] = [];
  visit(parseSync(path, text).program, (node) => {
    for (const spread of packedIn(node)) lines.push(text.slice(0, spread.start).split("\n").length);
  });
  return lines;
}

function visit(node: unknown, look: (node: Node) => void): void {
  if (node === null || typeof node !== "object") return;
  if ("type" in node) look(node as Node);
  for (const inner of Object.values(node)) visit(inner, look);
}

function packedIn(node: Node): readonly Node[] {
  const { type, properties = [], arguments: given = [] } = node;
  if (type === "ObjectExpression") return properties.filter((one) => spreads(one, "ObjectExpression"));
  if (type === "CallExpression" || type === "NewExpression")
    return given.filter((one) => spreads(one, "ArrayExpression"));
  const isRest = type === "RestElement" || type === "TSRestType";
  return isRest && typeOf(node)?.type === "TSTupleType" ? [node] : [];
}

/** The type of `...rest: Type` in parameters, or of `...Type` in a tuple. */
const typeOf = ({ type, typeAnnotation }: Node): Node | null | undefined =>
  type === "RestElement" ? typeAnnotation?.typeAnnotation : typeAnnotation;

const spreads = ({ type, argument }: Node, literal: string): boolean =>
  type === "SpreadElement" && holds(argument, literal);

/** Whether the expression contains a literal of this type that can be its value. */
function holds(node: Node | undefined, literal: string): boolean {
  if (node === undefined) return false;
  if (node.type === literal) return true;
  if (!WRAPPERS.has(node.type)) return false;
  return [node.expression, node.left, node.right, node.consequent, node.alternate].some((one) => holds(one, literal));
}

const WRAPPERS = new Set([
  "ConditionalExpression",
  "LogicalExpression",
  "ParenthesizedExpression",
  "TSAsExpression",
  "TSNonNullExpression",
  "TSSatisfiesExpression",
]);
