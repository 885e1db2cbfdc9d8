import { native, type OperatorId } from "../native.js";
import { functions, methods } from "../operators.js";
import { type Argument, parseSchema } from "../schema.js";

/** An operator that has a wrapper, by its row in the list of them: `add.Tensor`. */
export interface Operator {
  row: string;
  id: OperatorId;
  arguments: Argument[];
}

/** All of them that this libtorch has. */
export function allOperators(): Operator[] {
  return [...methods, ...functions]
    .flatMap((row) => row.split("|"))
    .map(operatorOf)
    .filter(({ id }) => id >= 0);
}

function operatorOf(row: string): Operator {
  const [name = "", overload = ""] = row.split(".");
  const id = native.op(`aten::${name}`, overload);
  return { row, id, arguments: id < 0 ? [] : parseSchema(native.schema(id)).arguments };
}
