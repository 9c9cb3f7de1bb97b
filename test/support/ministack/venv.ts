import { pythonWith } from '../python-venv.ts';

/** The Python that has ministack. */
export const pythonWithMinistack = (): Promise<string> => pythonWith('venv', 'ministack==1.5.33');
