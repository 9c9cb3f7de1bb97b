import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';

const DAY = 86_400_000;

const SEQUENCE = 0x30;
const SET = 0x31;
const OBJECT = 0x06;
const OCTETS = 0x04;
const TRUE = Buffer.from([0x01, 0x01, 0xff]);

// https://www.rfc-editor.org/rfc/rfc5280, and RFC 5758 for the signature.
const ECDSA_WITH_SHA256 = '2a8648ce3d040302';
const COMMON_NAME = '550403';
const SUBJECT_ALT_NAME = '551d11';
const BASIC_CONSTRAINTS = '551d13';

/**
 * A key and a certificate of its own for localhost and 127.0.0.1, as PEM, good for a day: what a server in a test
 * needs to speak TLS. Made anew each time, so that no key lies in the repository. `more` are further names for it.
 */
export function selfSigned(more: readonly string[] = []): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(SEQUENCE, object(ECDSA_WITH_SHA256));
  // Among trusted certificates of one name OpenSSL takes the first, whichever key it has.
  const called = text(0x0c, `archweave test ${randomUUID()}`);
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, object(COMMON_NAME), called)));
  const domains = ['localhost', ...more].map(domain => text(0x82, domain));
  const names = der(SEQUENCE, ...domains, der(0x87, Buffer.from([127, 0, 0, 1])));
  const extensions = der(
    SEQUENCE,
    der(SEQUENCE, object(SUBJECT_ALT_NAME), der(OCTETS, names)),
    der(SEQUENCE, object(BASIC_CONSTRAINTS), TRUE, der(OCTETS, der(SEQUENCE, TRUE))),
  );
  const certificate = der(
    SEQUENCE,
    der(0xa0, integer(2)),
    integer(1),
    algorithm,
    name,
    der(SEQUENCE, time(Date.now() - DAY), time(Date.now() + DAY)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', certificate, privateKey)]);
  const signed = der(SEQUENCE, certificate, algorithm, der(0x03, signature)).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${signed.replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  // As short as it can be, or Go refuses it.
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function object(hex: string): Buffer {
  return der(OBJECT, Buffer.from(hex, 'hex'));
}

function integer(value: number): Buffer {
  return der(0x02, Buffer.from([value]));
}

function text(tag: number, value: string): Buffer {
  return der(tag, Buffer.from(value));
}

function time(at: number): Buffer {
  return text(0x18, `${new Date(at).toISOString().replace(/[-:T]|\..*/g, '')}Z`);
}
