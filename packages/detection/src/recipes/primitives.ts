import { z } from "zod";

export const unit = z.number().min(0).max(1);
export const positive = z.number().positive();
export const natural = z.number().int().positive();
export const triple = z.tuple([z.number(), z.number(), z.number()]);
