import { nn } from "@singleshot/torch";

/** Overwrites what the convolution before it gave: the convolution's backward does not need that. */
export const reluInPlace = (): nn.Layer => nn.layer((map) => map.relu_());

/** A convolution of which the ReLU is the next layer. */
export const convRelu = (...args: ConstructorParameters<typeof nn.Conv2d>): nn.Layer[] => [new nn.Conv2d(...args), reluInPlace()];
