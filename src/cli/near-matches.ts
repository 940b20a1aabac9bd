/** Names that may be meant by a misspelt one, the nearest first. */
export function nearMatches(given: string, names: Iterable<string>, most = 5): string[] {
  const wanted = given.toLowerCase();
  const tolerated = Math.max(2, Math.floor(wanted.length / 3));
  return [...names]
    .map((name) => ({ name, edits: name.toLowerCase().includes(wanted) ? 0 : editsBetween(wanted, name.toLowerCase(), tolerated) }))
    .filter(({ edits }) => edits <= tolerated)
    .sort((a, b) => a.edits - b.edits || a.name.localeCompare(b.name))
    .slice(0, most)
    .map(({ name }) => name);
}

/** `; did you mean a, b or c?`, or nothing. */
export function didYouMean(given: string, names: Iterable<string>): string {
  const near = nearMatches(given, names, 3);
  return near.length === 0 ? '' : `; did you mean ${near.length === 1 ? near[0] : `${near.slice(0, -1).join(', ')} or ${near.at(-1)}`}?`;
}

/** Letters to insert, delete, replace or swap with their neighbour; more than `most` is any number above it. */
function editsBetween(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) {
    return most + 1;
  }
  let [beforeLast, last]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= a.length; row++) {
    const next = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = last[column - 1] + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1] ? beforeLast[column - 2] + 1 : Infinity;
      next.push(Math.min(replaced, swapped, last[column] + 1, next[column - 1] + 1));
    }
    [beforeLast, last] = [last, next];
  }
  return last[b.length];
}
