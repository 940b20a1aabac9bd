/**
 * Expects an action to be refused by the construct at a path, in a message that holds all the given parts: the prop, what was given and
 * what is allowed.
 */
export function expectRefusal(action: () => unknown, path: string, ...parts: string[]): void {
  let message: string | undefined;
  try {
    action();
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toBeDefined();
  [`[${path}]`, ...parts].forEach((part) => expect(message).toContain(part));
}
