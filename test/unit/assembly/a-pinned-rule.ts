import { LATEST } from './a-question.ts';

export const PINNED = { ...LATEST, pin: { latest: '1' } };
