import { createReadStream } from "node:fs";
import { InputError } from "@singleshot/base";
import { CsvError, parse } from "csv-parse";

/** An unclosed quote must not swallow a file of gigabytes. */
const MAX_ROW_BYTES = 2 ** 20;

/**
 * Reads a file of comma-separated values row by row; it may be larger than the memory.
 *
 * @param onRow is given the fields, trimmed, and the line where the row ends, from 1
 * @throws InputError with the line where it is no such file
 */
export async function readCsv(file: string, onRow: (fields: string[], line: number) => void): Promise<void> {
  const parser = parse({
    bom: true,
    trim: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW_BYTES,
    on_record: (fields: string[], { lines }) => {
      onRow(fields, lines);
      return null;
    },
  });
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => reject(inputErrorOf(error, file, parser.info.lines));
    parser.on("error", fail).on("end", resolve).resume();
    createReadStream(file).on("error", fail).pipe(parser);
  });
}

function inputErrorOf(error: Error, file: string, line: number): Error {
  if (error instanceof CsvError) return new InputError(error.message.replace(/^[^:]*: /, "").replace(/\.$/, ""), { file, line });
  return "code" in error ? new InputError(error.message, { file }) : error;
}
