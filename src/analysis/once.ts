/**
 * The same function, which works out what it tells of a thing when first asked. Several rules ask the same of each service; facts do not
 * change once rules see them.
 */
export function once<K extends object, V>(of: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const before = known.get(key);
    if (before) {
      return before.value;
    }
    const value = of(key);
    known.set(key, { value });
    return value;
  };
}
