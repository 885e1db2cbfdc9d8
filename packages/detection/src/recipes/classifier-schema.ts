import { z } from "zod";
import { natural, positive, triple } from "./primitives.js";

/** The networks that learn to tell pictures apart, to be detectors' backbones afterwards. */
const network = z.discriminatedUnion("name", [
  z.strictObject({ name: z.enum(["vgg16", "squeezenet1-1", "resnet50", "resnet50-extractor"]) }), // the last: the RetinaNet tutorial's
  z.strictObject({ name: z.enum(["mobilenet-v1", "mobilenet-v2", "mobilenet-v3-large"]), width: positive.default(1) }),
  z.strictObject({
    name: z.literal("shufflenet-v2"),
    width: z.union([z.literal(0.5), z.literal(1), z.literal(1.5), z.literal(2)]).default(1), // the paper's
  }),
]);

export const classifierSchema = z.strictObject({
  network,
  side: natural, // of the square input in pixels; what is seen of a picture is stretched to it
  normalization: z.strictObject({ mean: triple, std: triple }), // of pixels from 0 to 1; the detector's that it is to serve
});

export type ClassifierRecipe = z.output<typeof classifierSchema>;
export type ClassifierName = ClassifierRecipe["network"]["name"];
