import type * as t from 'io-ts';

/** The reasons why a value does not decode, one readable line each: a path, what was expected, what was there. */
export const reasonsOf = (errors: t.Errors): readonly string[] =>
  errors.slice(0, 10).map(({ context, value, message }) => {
    const path = context.map(({ key }) => key).filter((key) => key !== '' && !/^\d+$/.test(key));
    const expected = context[context.length - 1]?.type.name ?? '?';
    return `${path.join('.') || 'value'}: ${message ?? `expected ${expected}, got ${glimpse(value)}`}`;
  });

/** A value shortened for a message; never throws. */
export const glimpse = (value: unknown): string => {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // A cycle or a bigint: its type says enough.
  }
  text ??= typeof value;
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
};
