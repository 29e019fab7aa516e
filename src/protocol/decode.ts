import * as t from 'io-ts';

/** A codec for what one check tells: no parts, no paths of its own. */
export const leaf = <A>(name: string, is: t.Is<A>): t.Type<A, unknown> =>
  new t.Type(name, is, (value, context) => (is(value) ? t.success(value) : t.failure(value, context)), t.identity);

/** A value shortened for a message; never throws. */
export const glimpse = (value: unknown): string => {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // A cycle or a bigint: its type says enough.
  }
  return (text ?? typeof value).slice(0, 80);
};

/** The reasons why a value does not decode, one readable line each: a path, what was expected, what was there. */
export const reasonsOf = (errors: t.Errors): readonly string[] =>
  errors.slice(0, 9).map(({ context, value }) => {
    const path = context.flatMap(({ key }) => (/^\d*$/.test(key) ? [] : [key]));
    return `${path.join('.') || 'value'}: expected ${context.at(-1)?.type.name ?? '?'}, got ${glimpse(value)}`;
  });
