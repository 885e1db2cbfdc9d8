import { z } from "zod";
import { natural, positive, triple } from "./primitives.js";

const ofOneWidth = ["vgg16", "squeezenet1-1", "resnet50", "resnet50-extractor"] as const; // the last: the RetinaNet tutorial's
const ofAnyWidth = ["mobilenet-v1", "mobilenet-v2", "mobilenet-v3-large"] as const;

/** The networks that learn to tell pictures apart, to be detectors' backbones afterwards. */
export const classifierNames = [...ofOneWidth, ...ofAnyWidth, "shufflenet-v2"] as const;

const network = z.discriminatedUnion("name", [
  z.strictObject({ name: z.enum(ofOneWidth) }),
  z.strictObject({ name: z.enum(ofAnyWidth), width: positive.default(1) }),
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
export type ClassifierName = (typeof classifierNames)[number];
