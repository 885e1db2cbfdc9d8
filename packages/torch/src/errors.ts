export { InputError, type InputErrorPlace } from "@singleshot/base";
