import { createHash } from 'node:crypto';

/**
 * The share of one of several processes: each user belongs to exactly one, and stays there. When the number of processes
 * changes, only the users that the new one takes over move (highest random weight).
 */
export const shareOf = (
  userIds: readonly string[],
  processes: readonly string[],
  own: string,
): readonly string[] => {
  const weight = (process: string, userId: string): bigint =>
    createHash('sha256')
      .update(`${process}\n${userId}`)
      .digest()
      .readBigUInt64BE();
  const heaviest = (userId: string): string | undefined =>
    [...processes].sort((a, b) =>
      weight(a, userId) < weight(b, userId) ? 1 : -1,
    )[0];
  return userIds.filter((userId) => heaviest(userId) === own);
};

const users = Array.from(
  { length: 1000 },
  (_, index) => `user-${String(index)}`,
);
const two = ['monitor-0', 'monitor-1'];
const three = [...two, 'monitor-2'];
for (const own of three)
  console.log(
    own,
    shareOf(users, two, own).length,
    '->',
    shareOf(users, three, own).length,
  );

const kept = two.flatMap((own) => {
  const before = new Set(shareOf(users, two, own));
  return shareOf(users, three, own).filter((userId) => before.has(userId));
});
console.log('stayed where they were:', kept.length);

/* prints
monitor-0 502 -> 325
monitor-1 498 -> 327
monitor-2 0 -> 348
stayed where they were: 652
*/
