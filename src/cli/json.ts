/** What an error of the library may say of itself beyond name, code, message and cause. */
const fields = [
  'status',
  'statusCode',
  'statusMessage',
  'meaning',
  'retryAfter',
  'reasons',
  'timeout',
  'notification',
  'subscribed',
  'failed',
] as const;

/** An error as data: what it is called, what it says, and why; a stack is nobody's data. */
const errorData = (error: Error): object => {
  const own = new Map<string, unknown>(Object.entries(error));
  const { name, message, cause } = error;
  return {
    name,
    ...(own.has('code') ? { code: own.get('code') } : {}),
    message,
    ...Object.fromEntries(fields.flatMap((field) => (own.has(field) ? [[field, own.get(field)]] : []))),
    ...(cause instanceof Error ? { cause } : {}),
  };
};

/** A map as data. Without a prototype, so that `__proto__` is a key like any other. */
const mapData = (map: ReadonlyMap<unknown, unknown>): object => {
  const data = Object.create(null) as Record<string, unknown>; // that is what an object without a prototype is
  for (const [key, value] of map) data[String(key)] = value;
  return data;
};

/** One line of JSON: maps are objects, errors are `{name, code, message, …}`. */
export const toJson = (value: object): string =>
  JSON.stringify(value, (_key, each: unknown) =>
    each instanceof Map ? mapData(each) : each instanceof Error ? errorData(each) : each,
  );

/** Writes one line of data. */
export const printJson = (value: object): void => {
  process.stdout.write(`${toJson(value)}\n`);
};

// Control characters, those of terminals among them: what a server says must not drive the terminal it is shown on.
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** A text that may stand in a line of a terminal. */
export const plain = (text: string): string => text.replace(control, ' ');
