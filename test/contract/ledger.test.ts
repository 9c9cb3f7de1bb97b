import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryLedger } from '../../lib/ledger/memory.ts';
import { openSqliteLedger } from '../../lib/ledger/sqlite.ts';
import { ledgerContract } from './ledger-contract.ts';

ledgerContract('in memory', async () => ({ ledger: new MemoryLedger(), close: async () => {} }));

ledgerContract('in SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'archweave-ledger-'));
  const ledger = openSqliteLedger(join(folder, 'ledger.db'));
  return {
    ledger,
    close: async () => {
      ledger.close();
      await rm(folder, { recursive: true });
    },
  };
});
