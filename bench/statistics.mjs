// The few numbers that a series of measurements is told by.

/** The value below which the share `at` of the values lies, between neighbours in proportion. */
export const quantile = (values, at) => {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * at;
  const below = Math.floor(place);
  const low = sorted[below];
  const high = sorted[Math.min(below + 1, sorted.length - 1)];
  return low + (high - low) * (place - below);
};

export const median = (values) => quantile(values, 0.5);

/** The median, and the quartiles around it: half of the values lie between them. */
export const summary = (values) => ({
  median: median(values),
  low: quantile(values, 0.25),
  high: quantile(values, 0.75),
});
