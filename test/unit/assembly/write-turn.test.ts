import { describe, expect, it } from '@jest/globals';
import { assemble } from '../../../lib/assembly/assemble.ts';
import { WRITE_TIME } from '../../../lib/assembly/world.ts';
import { aWorld, sweepOf } from './a-world.ts';

describe('a write that has to wait for its turn', () => {
  const complete = async () => {
    const world = aWorld();
    await world.push('1.0-amd64');
    await world.push('1.0-arm64', { arch: 'arm64' });
    return world;
  };

  it('is sent when the turn has come', async () => {
    const world = await complete();
    let held: string | undefined = 'not asked';
    const writeTurn = async () => {
      held = await world.digest('1.0');
    };
    await assemble({ ...world, writeTurn }, sweepOf(world, '1.0'));
    expect(held).toBeUndefined();
    expect(await world.digest('1.0')).toBeDefined();
  });

  it('is not sent where the run has too little time left by then', async () => {
    const world = await complete();
    let left = 2 * WRITE_TIME;
    const writeTurn = async () => {
      left = WRITE_TIME - 1;
    };
    const pass = assemble({ ...world, writeTurn, remaining: () => left }, sweepOf(world, '1.0'));
    await expect(pass).rejects.toMatchObject({ code: 'timeout', retryable: true });
    expect(await world.digest('1.0')).toBeUndefined();
  });

  it('is not waited for where nothing is written', async () => {
    const world = await complete();
    await world.settle();
    const writeTurn = () => Promise.reject(new Error('nobody writes'));
    const [outcome] = await assemble({ ...world, writeTurn }, sweepOf(world, '1.0'));
    expect(outcome?.state).toBe('unchanged');
  });
});
