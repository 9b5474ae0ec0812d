import { isTest } from '../imports/import-path.js'
import { compilerFixes } from './compiler-fixes.js'
import { calls, values } from './rules/calls.js'
import { annotations } from './rules/declared.js'
import { asynchronous, loops, returns } from './rules/functions.js'
import { members } from './rules/members.js'
import { declaredNames, literals, lostDots, names, otherName, typeOnly, unexported } from './rules/names.js'
import { nullish } from './rules/nullish.js'
import { constants, heritage, operators, properties, typeArguments } from './rules/objects.js'
import { lostDefaults, lostParameters } from './rules/parameters.js'
import { repairTypes, type TypesRequest } from './run.js'
import type { Rule } from './scene.js'
import { openSession } from './session.js'
import { createTools } from './tools.js'

/** All rules; their order is of no weight. */
export const rules: readonly Rule[] = [
  names,
  lostDots,
  declaredNames,
  literals,
  otherName,
  typeOnly,
  unexported,
  calls,
  values,
  nullish,
  returns,
  asynchronous,
  loops,
  annotations,
  members,
  properties,
  typeArguments,
  constants,
  heritage,
  operators,
  lostParameters,
  lostDefaults,
]

/** Stands before the answer in what the script prints: the project's own code may print too. */
export const answerMark = '\u0002homeostat-types '

/**
 * The text of a program for `node -e` that loads the project's own TypeScript, works on one error, and prints a
 * `TypesOutcome`. It must run on any Node from 20 on, and know nothing of where homeostat lies: it may run behind walls.
 */
export function typesScript(request: Omit<TypesRequest, 'root'>): string {
  return `'use strict';
const parts = {
  openSession: ${String(openSession)},
  createTools: ${String(createTools)},
  compilerFixes: ${String(compilerFixes)},
  rules: [${rules.map(String).join(',\n')}],
  isTest: ${String(isTest)},
  now: () => performance.now(),
};
const repairTypes = ${String(repairTypes)};
const request = ${JSON.stringify(request)};
const root = require('node:fs').realpathSync(process.cwd()).replace(/\\\\/g, '/');
const { createRequire } = require('node:module');
const load = createRequire(root + '/' + request.file);
const say = (answer) => process.stdout.write('\\n' + ${JSON.stringify(answerMark)} + JSON.stringify(answer) + '\\n');
let native, compiler;
for (const name of ['typescript', '@typescript/typescript6', 'typescript6', 'typescript-6', 'typescript5', 'typescript-5', 'typescript-legacy']) {
  try {
    const found = load(name);
    if (typeof found.createLanguageService === 'function') { compiler = found; break; }
    native = native ?? String(found.version);
  } catch {}
}
if (compiler === undefined) say({ missing: true, native });
else {
  try { say(repairTypes(compiler, { ...request, root }, parts)); }
  catch (error) { say({ failed: String(error && error.stack || error).slice(0, 600) }); }
}
`
}
