/** Comma-separated values with a header line, as RFC 4180 has them. Cells are text; what they mean is for the reader of the table. */

export type CsvRow<C extends string> = Record<C, string>;

/** The rows of a file that must have exactly these columns in this order. */
export function parseCsv<C extends string>(text: string, columns: readonly C[]): Array<CsvRow<C>> {
  const [header, ...lines] = recordsOf(text);
  if (header?.join() !== columns.join()) {
    throw new Error(`line 1: the columns must be ${columns.join()}, got ${header?.join() ?? 'an empty file'}`);
  }
  return lines.map((cells, i) => {
    if (cells.length !== columns.length) {
      throw new Error(`record ${i + 2}: expected ${columns.length} cells, got ${cells.length}: ${cells.join()}`);
    }
    return Object.fromEntries(columns.map((column, at) => [column, cells[at]])) as CsvRow<C>;
  });
}

export function formatCsv<C extends string>(rows: ReadonlyArray<CsvRow<C>>, columns: readonly C[]): string {
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))]
    .map((cells) => `${cells.map((cell) => /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell).join()}\n`)
    .join('');
}

function recordsOf(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  // A cell, quoted or plain, and what ends it.
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  while (cell.lastIndex < text.length || record.length > 0) {
    const at = cell.lastIndex;
    const found = cell.exec(text);
    if (!found) {
      throw new Error(`line ${text.slice(0, at).split('\n').length}: a quote that does not end, or in the middle of a cell`);
    }
    const [, quoted, plain, end] = found;
    record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ',') {
      records.push(record);
      record = [];
    }
  }
  return records;
}
