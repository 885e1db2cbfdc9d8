export { type RecipeFlags, readRecipe, withFlags } from "./read-recipe.js";
