// `npm run test:browser`: a real browser; `npm test` leaves these alone.
export default {
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx', '--conditions=rx-workbins:source'],
  workerThreads: false,
  files: ['test/browser/*.browser.ts'],
  timeout: '2m',
  // Browsers are heavy: files one after another, the tests of a file at once.
  concurrency: 1,
};
