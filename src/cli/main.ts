#!/usr/bin/env node
import { Leaving } from './leaving.js';
import { run } from './program.js';

const leaving = new Leaving();
const status = await run(process.argv, leaving);
leaving.exit(status);
