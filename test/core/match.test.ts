import test from 'ava';
import { belongsTo } from '../../src/core/match.js';
import type { WorkbinScope } from '../../src/scope.js';
import { ann, anyone, chat, me, state } from './marbles.js';

interface Owner {
  readonly workbinUserId?: string;
  readonly agentGroup?: string;
  readonly placeGroup?: string;
}

const sales: WorkbinScope = { kind: 'agentGroup', name: 'Sales & more' };
const desk: WorkbinScope = { kind: 'placeGroup', name: 'Sales & more' };

const belongs = test.macro<[WorkbinScope, Owner, boolean, string?]>({
  title: (_, scope, owner, expected, ownUserId) =>
    `belongsTo: ${JSON.stringify(owner)} ${expected ? 'belongs' : 'does not belong'} to ${JSON.stringify(scope)} of ${ownUserId ?? 'an unknown user'}`,
  exec: (t, scope, owner, expected, ownUserId) => {
    t.is(belongsTo(scope, state('a', 'Subscribed', owner), ownUserId), expected);
    t.is(belongsTo(scope, chat('a', 'c1', 'ItemAdded', { ...owner }), ownUserId), expected);
  },
});

test(belongs, me, {}, true);
test(belongs, me, {}, true, 'me-1');
test(belongs, me, { workbinUserId: 'me-1' }, true, 'me-1');
test(belongs, me, { workbinUserId: 'ann' }, false, 'me-1');
test(belongs, me, { workbinUserId: 'me-1' }, false);
test(belongs, me, { agentGroup: 'Sales & more' }, false, 'me-1');
test(belongs, me, { placeGroup: 'Sales & more' }, false, 'me-1');
test(belongs, ann, {}, true, 'me-1');
test(belongs, ann, { workbinUserId: 'ann' }, true, 'me-1');
test(belongs, ann, { workbinUserId: 'me-1' }, false, 'me-1');
test(belongs, ann, { workbinUserId: 'Ann' }, false, 'me-1');
test(belongs, ann, { workbinUserId: '' }, false, 'me-1');
test(belongs, ann, { agentGroup: 'ann' }, false, 'me-1');
test(belongs, anyone, {}, true, 'me-1');
test(belongs, anyone, { workbinUserId: 'ann' }, true, 'me-1');
test(belongs, anyone, { agentGroup: 'Sales & more', workbinUserId: 'ann' }, true, 'me-1');
test(belongs, sales, {}, true, 'me-1');
test(belongs, sales, { agentGroup: 'Sales & more' }, true, 'me-1');
test(belongs, sales, { agentGroup: 'Sales & more', workbinUserId: 'ann' }, true, 'me-1');
test(belongs, sales, { workbinUserId: 'ann' }, true, 'me-1');
test(belongs, sales, { agentGroup: 'Sales' }, false, 'me-1');
test(belongs, sales, { placeGroup: 'Sales & more' }, false, 'me-1');
test(belongs, desk, {}, true, 'me-1');
test(belongs, desk, { placeGroup: 'Sales & more' }, true, 'me-1');
test(belongs, desk, { placeGroup: 'Sales & more', workbinUserId: 'ann' }, true, 'me-1');
test(belongs, desk, { placeGroup: 'Sales' }, false, 'me-1');
test(belongs, desk, { agentGroup: 'Sales & more' }, false, 'me-1');
