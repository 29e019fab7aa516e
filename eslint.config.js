// The linter's rules. The floors of src/ (who may import whom) are in `floors` below; test/package/layers.test.ts shows
// that they bite.
import js from '@eslint/js';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import rxjsX from 'eslint-plugin-rxjs-x';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * The entries of src/ from top to bottom. A file imports from the floors below its own and from its own entry: never
 * upward, never from a neighbour on the same floor. Whatever is new in src/ gets a place here.
 */
export const floors = [
  ['cli'],
  ['index.ts'],
  ['client.ts'],
  ['operators', 'session'],
  ['core', 'sandbox'],
  ['protocol', 'transport'],
  ['scope.ts', 'errors.ts'],
];

/** What the floors alone would allow, and still is refused. */
const alsoRefused = [
  // Nobody who imports the library may get the stand-in server with it.
  ...floors
    .flat()
    .filter((entry) => entry !== 'cli' && entry !== 'sandbox')
    .map((entry) => ({ target: entry, from: 'sandbox', why: 'only src/cli imports the sandbox' })),
  { target: 'core', from: 'transport', why: 'src/core is pure: no transport, no session, no clock of its own' },
];

const at = (entry) => `./src/${entry}`;

const zones = [
  ...floors.flatMap((floor, level) =>
    floor.map((entry) => ({
      target: at(entry),
      from: [...floors.slice(0, level).flat(), ...floor.filter((neighbour) => neighbour !== entry)].map(at),
      message: 'Imports go downward only: see `floors` in eslint.config.js.',
    })),
  ),
  ...alsoRefused.map(({ target, from, why }) => ({ target: at(target), from: at(from), message: `${why}.` })),
].filter(({ from }) => from.length > 0);

const cometd = '^(cometd|#bayeux)(/|$)';
const nodeOnly = {
  regex: '^(node:.*|tough-cookie|cometd-nodejs-server)$',
  message: 'Only src/transport/*.node.ts, src/sandbox and src/cli run in Node alone.',
};
const onlyBayeux = {
  regex: cometd,
  allowTypeImports: true,
  message: 'src/transport/bayeux.ts is the only import of CometD; its types may be imported anywhere outside src/core.',
};
const itself = { regex: '^rx-workbins(/|$)', message: 'Inside the package, import the file.' };

/** `no-restricted-imports` of some files: a later entry replaces the patterns of an earlier one, nothing is merged. */
const restrictImports = (files, patterns) => ({
  files,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [itself, ...patterns] }] },
});

const scheduled = 'Pure code has no clock of its own: take an RxJS scheduler.';
const handedIn = 'Pure code does no input and output: take an Observable.';

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'docs/site/', 'build/', '.cache/']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  rxjsX.configs.strict,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts', '.js', '.mjs'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [
        createNodeResolver({
          extensions: ['.ts', '.js', '.mjs', '.json'],
          extensionAlias: { '.js': ['.ts', '.js'] },
          conditionNames: ['rx-workbins:source', 'import', 'default'],
        }),
      ],
    },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // A number in a text reads as it should; anything else still has to be turned into one on purpose.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => subscription.unsubscribe()` is how a teardown reads.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'import-x/no-self-import': 'error',
      // `share` and `shareReplay({refCount: true})` are the two ways to share that clean up after themselves.
      'rxjs-x/no-sharereplay': ['error', { allowConfig: true }],
      // What a handler was given is passed on as it is.
      'rxjs-x/throw-error': ['error', { allowThrowingUnknown: true }],
      // Streams whose errors are events have no handler; RxJS reports what should not happen.
      'rxjs-x/no-ignored-error': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-console': 'error',
      'import-x/no-default-export': 'error',
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      // A subscription that nobody holds can not be ended.
      'rxjs-x/no-ignored-subscription': 'error',
    },
  },
  restrictImports(['src/**/*.ts'], [onlyBayeux, nodeOnly]),
  restrictImports(['src/transport/*.node.ts', 'src/sandbox/**/*.ts', 'src/cli/**/*.ts'], [onlyBayeux]),
  restrictImports(['src/transport/bayeux.ts'], [nodeOnly]),
  restrictImports(
    ['src/core/**/*.ts', 'src/protocol/**/*.ts'],
    [{ regex: `${cometd}|^(#platform|cross-fetch)$`, message: handedIn }, nodeOnly],
  ),
  {
    files: ['src/core/**/*.ts', 'src/protocol/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name) => ({
          name,
          message: scheduled,
        })),
        ...['fetch', 'XMLHttpRequest', 'process', 'window', 'document'].map((name) => ({ name, message: handedIn })),
      ],
      // To read a date that the server sent is no clock; to ask for the time is.
      'no-restricted-syntax': [
        'error',
        { selector: 'MemberExpression[object.name="Date"][property.name="now"]', message: scheduled },
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: scheduled },
      ],
    },
  },
  {
    files: ['src/cli/**/*.ts'],
    // A command talks to the terminal.
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts', 'docs/examples/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // A test's or an example's process ends soon, and its failure is seen: what is subscribed there may be left alone.
      'rxjs-x/no-ignored-error': 'off',
    },
  },
  {
    // What must not compile is not meant to run, and has no types to look at: the compiler is the check here.
    files: ['test/types/**/*.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: {
      ...Object.fromEntries(Object.keys(rxjsX.rules).map((name) => [`rxjs-x/${name}`, 'off'])),
      // What stands here only for its type.
      '@typescript-eslint/no-unused-vars': 'off',
    },
  },
  {
    // Scripts and settings in plain JavaScript, outside tsconfig.json: what needs types is left out.
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: Object.fromEntries(
        ['console', 'fetch', 'performance', 'process', 'setTimeout', 'URL'].map((name) => [name, 'readonly']),
      ),
    },
    rules: Object.fromEntries(Object.keys(rxjsX.rules).map((name) => [`rxjs-x/${name}`, 'off'])),
  },
);
