export { type ForeignFlags, foreign, foreignLabelsOption, foreignModel, foreignRecipeOption, requireRecipe } from "./foreign.js";
export { classifierRecipes, detectorRecipes, kindOfName, type RecipeFlags, type RecipeKind } from "./kinds.js";
export { readRecipe, readRecipeOf, withFlags } from "./read-recipe.js";
