import * as t from 'io-ts';

/** A codec for what one check tells: no parts, no paths of its own. */
export const leaf = <A>(name: string, is: t.Is<A>): t.Type<A, unknown> =>
  new t.Type(name, is, (value, context) => (is(value) ? t.success(value) : t.failure(value, context)), t.identity);

/** Whether something is an object with fields, and no list. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A codec for an object: what must be in it, what may be. It leaves alone what it does not know.
 *
 * io-ts has `intersection([type, partial])` for this, which would cost a browser 600 bytes more.
 */
export const fields = <R extends t.Props, O extends t.Props>(
  required: R,
  optional: O,
): t.Type<t.TypeOfProps<R> & t.TypeOfPartialProps<O>, unknown> => {
  type A = t.TypeOfProps<R> & t.TypeOfPartialProps<O>;
  const all: readonly (readonly [string, t.Mixed])[] = Object.entries({ ...optional, ...required });
  const faultsIn = (value: Readonly<Record<string, unknown>>) =>
    all.filter(([key, type]) => (key in required || value[key] !== undefined) && !type.is(value[key]));
  const is = (value: unknown): value is A => isObject(value) && faultsIn(value).length === 0;
  return new t.Type<A, unknown>(
    `{ ${Object.keys(required).join(', ')} }`,
    is,
    (value, context) =>
      is(value)
        ? t.success(value)
        : t.failures(
            isObject(value)
              ? faultsIn(value).map(([key, type]) => ({
                  value: value[key],
                  context: t.appendContext(context, key, type, value),
                }))
              : [{ value, context }],
          ),
    t.identity,
  );
};

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

/** What a value is, without what it says. */
export const shapeOf = (value: unknown): string =>
  isObject(value)
    ? `{ ${Object.entries(value)
        .map(([name, each]) => `${name}: ${typeof each}`)
        .join(', ')} }`.slice(0, 80)
    : typeof value;

/** The reasons why a value does not decode, one readable line each: a path, what was expected, and what was there by `textOf`. */
export const reasonsOf = (errors: t.Errors, textOf = glimpse): readonly string[] =>
  errors.slice(0, 9).map(({ context, value }) => {
    const path = context.flatMap(({ key }) => (/^\d*$/.test(key) ? [] : [key]));
    return `${path.join('.') || 'value'}: expected ${context.at(-1)?.type.name ?? '?'}, got ${textOf(value)}`;
  });
