import type { JetsonNet } from "@singleshot/detection/recipes";

/** The networks, by the names that `--net` takes. */
export const nets: readonly JetsonNet[] = ["mb1-ssd", "mb1-ssd-lite", "mb2-ssd-lite", "sq-ssd-lite", "vgg16-ssd"];

export const isNet = (name: string): name is JetsonNet => (nets as readonly string[]).includes(name);
