import { type DatasetEntry, DIFFICULT, type Marks, selectMarks } from "@singleshot/vision";

/** The same pictures without their difficult objects. */
export const withoutDifficult = (entries: readonly DatasetEntry[]): DatasetEntry[] => entries.map(withoutDifficultOnes);

function withoutDifficultOnes<T extends Marks>(marks: T): T {
  const kept = [...marks.flags.keys()].filter((i) => !(marks.flags[i]! & DIFFICULT));
  return kept.length === marks.flags.length ? marks : selectMarks(marks, kept);
}

/** Whether all that a picture shows is difficult. */
export const isAllDifficult = ({ flags }: Marks): boolean => flags.length > 0 && flags.every((flag) => flag & DIFFICULT);
