// `singleshot inspect` as a program: node examples/inspect.mjs FILE
import { inspectFile } from "@singleshot/torch/inspect";

const { format, classes, tensors } = inspectFile(process.argv[2], { digests: true });
console.log(`${format}, classes: ${classes?.join(", ")}`);
for (const { key, dtype, shape, sha256 } of tensors) console.log(`${key} ${dtype} [${shape.join(", ")}] ${sha256.slice(0, 8)}`);
