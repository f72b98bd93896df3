/** Gives ids that nobody else gives, in another process neither: one that is random, and a count. */
export function ids(): () => string {
  let count = 0;
  let own: string | undefined;
  return () => {
    own ??= crypto.randomUUID();
    return `${own}.${++count}`;
  };
}
