/** A logger of DBOS that says nothing. */
export const silent = {
  info() {},
  debug() {},
  warn() {},
  error() {},
};
