import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../../lib/image/digest.ts';
import { copyImage } from '../../lib/import/copy.ts';
import { prepareCopy } from '../../lib/import/prepare-copy.ts';
import type { UploadNotes } from '../../lib/import/upload-notes.ts';
import { httpFetch } from '../../lib/registry/http-fetch.ts';
import type { UploadState } from '../../lib/registry/interfaces.ts';
import { openOciRegistry } from '../../lib/registry/oci/open.ts';
import { cutLine } from '../support/cut-line.ts';
import { type Fault, type Passing, startFaultProxy } from '../support/fault-proxy.ts';
import { layeredImage, pushPiece } from '../support/layered-image.ts';
import {
  copy,
  copyWorld,
  embedded,
  heldBy,
  image,
  isLayer,
  isUpload,
  LAYER,
  layer,
  open,
  request,
  stops,
} from './copy-world.ts';
import { expectRefusal } from './registry-content.ts';

describe('a copy through trouble', () => {
  it.each<[string, 'from' | 'to', (passing: Passing) => boolean, Fault]>([
    ['a source that breaks in a layer', 'from', isLayer, 'reset in the body'],
    ['a source that ends a layer early', 'from', isLayer, 'cut short'],
    ['a source that is busy', 'from', isLayer, { answer: { status: 503 } }],
    ['a target that breaks before a layer', 'to', isUpload, 'reset before'],
    ['a target whose answer is lost', 'to', isUpload, 'answer lost'],
    ['a target that is busy', 'to', isUpload, { answer: { status: 502 } }],
    ['an upload that the target forgets', 'to', isUpload, { answer: { status: 404 } }],
  ])('arrives whole over %s', async (_, side, when, fault) => {
    const { ends, target, ...proxies } = await copyWorld();
    proxies[side].hurt(when, fault, 1);
    expect(await copy(ends)).toMatchObject({ kind: 'copied', digest: image.manifest.digest });
    expect(await heldBy(target)).toBe(image.manifest.digest);
    expect(await target.statBlob('copy', layer)).toBe(LAYER);
  });
  it('never commits wrong bytes, and says which side sent them', async () => {
    const { ends, target, from } = await copyWorld();
    from.hurt(isLayer, 'wrong bytes');
    const failure = await copy(ends).catch(error => error);
    expect(failure).toMatchObject({ code: 'digest-mismatch', side: 'source' });
    expect(await target.statBlob('copy', layer)).toBeUndefined();
    expect(await heldBy(target)).toBeUndefined();
  });
  it('fails for a full disk with those words, and goes on when there is room', async () => {
    const { ends, target, to } = await copyWorld();
    to.hurt(isUpload, {
      answer: { status: 507, body: '{"errors":[{"code":"UNKNOWN","message":"no space"}]}' },
    });
    expect(await copy(ends).catch(error => error)).toMatchObject({
      code: 'registry-failed',
      reason: /no space/,
    });
    expect(await heldBy(target)).toBeUndefined();
    to.heal();
    expect(await copy(ends)).toMatchObject({ kind: 'copied' });
  });
  it('is stopped in good order and goes on inside a layer, in another process too', async () => {
    const { ends, target, to } = await copyWorld();
    const kept = new Map<Digest, UploadState>();
    const notes: UploadNotes = {
      read: async ({ digest }) => kept.get(digest),
      write: async ({ digest }, state) => void kept.set(digest, JSON.parse(JSON.stringify(state))),
      remove: async ({ digest }) => void kept.delete(digest),
    };
    const stop = new AbortController();
    const onProgress = ({ total }: { total: { copied: number } }) => {
      if (total.copied > LAYER / 2) stop.abort();
    };
    const limited = { notes, limitRate: 12_000_000, signal: stop.signal, onProgress };
    await expectRefusal(copy(ends, limited), 'interrupted');
    const plan = await prepareCopy(request, ...ends, { notes });
    if (plan.kind !== 'copy') throw new Error(plan.kind);
    expect(plan.bytes.had).toBeGreaterThan(LAYER / 3);
    expect(await copyImage(plan, ...ends, { notes })).toMatchObject({ kind: 'copied' });
    expect(await heldBy(target)).toBe(image.manifest.digest);
    expect(kept.size).toBe(0);
    const sent = to.seen.reduce((sum, { body }) => sum + body.length, 0);
    expect(sent).toBeLessThan(plan.bytes.total * 1.05);
  });
  it('sends hardly a byte twice to a target that resets the connection twice', async () => {
    const huge = layeredImage('linux/amd64', [30_000_000]);
    const [from, to] = [await embedded(), await embedded()];
    await pushPiece(open(from), 'app', '1.0', huge);
    const line = await cutLine(to, { towards: [9_000_000, 21_000_000] });
    stops.push(line.stop);
    const source = { registry: open(from), host: from, repository: 'app' };
    const target = {
      registry: openOciRegistry({ host: line.host, env: {}, fetch: httpFetch }),
      host: line.host,
    };
    await copyImage(await prepareCopy(request, source, { ...target, repository: 'copy' }), source, {
      ...target,
      repository: 'copy',
    });
    // What lay in the line when it broke is lost: a few megabytes, however large the layer is.
    expect(line.sent()).toBeLessThan(30_000_000 * 1.5);
  });
});

describe('a copy whose token ends in the middle', () => {
  it('gets another one and goes on', async () => {
    const [from, to] = [await embedded(), await embedded()];
    await pushPiece(open(from), 'app', '1.0', image);
    let valid = 1;
    let ended = 0;
    const guard = (passing: Passing, host: string) => {
      if (passing.path.startsWith('/token'))
        return { status: 200, body: JSON.stringify({ token: `token-${valid}` }) };
      if (isUpload(passing) && ended < 1) {
        ended += 1;
        valid += 1;
      }
      if (passing.headers.authorization === `Bearer token-${valid}`) return undefined;
      return {
        status: 401,
        headers: { 'www-authenticate': `Bearer realm="http://${host}/token",service="x"` },
      };
    };
    const proxy = await startFaultProxy(to, { guard });
    stops.push(proxy.stop);
    const source = { registry: open(from), host: from, repository: 'app' };
    const target = { registry: open(proxy.host), host: proxy.host, repository: 'copy' };
    expect(await copyImage(await prepareCopy(request, source, target), source, target)).toMatchObject({
      kind: 'copied',
    });
    expect(valid).toBe(2);
    expect(await heldBy(open(to))).toBe(image.manifest.digest);
  });
});
