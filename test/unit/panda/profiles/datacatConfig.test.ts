import assert from 'node:assert/strict';
import { datacatConnection, parseProfile } from '../../../../src/panda/index.ts';
import type { Profile } from '../../../../src/panda/index.ts';

describe('the data catalog of a profile', () => {
  const parse = (datacat: unknown, more: object = {}) =>
    parseProfile(
      'mine',
      { server: 'https://panda.example.org', vo: 'lsst', user: 'jane', datacat, ...more },
      { home: '/home/jane', variables: { TOKEN: 'secret' } },
    );
  const profile = (datacat: unknown, more?: object): Profile => {
    const parsed = parse(datacat, more);
    assert(parsed.kind === 'profile', JSON.stringify(parsed));
    return parsed.profile;
  };
  const problems = (datacat: unknown, more?: object): string[] => {
    const parsed = parse(datacat, more);
    return parsed.kind === 'problems'
      ? parsed.problems.map(({ where, message }) => `${where} ${message}`)
      : [];
  };

  it('keeps the path of its address, and is asked as everybody unless told otherwise', () => {
    const { datacat } = profile({ url: 'https://srs.example.org/datacat-v0.5/r/' });
    assert.deepEqual(datacat, {
      url: 'https://srs.example.org/datacat-v0.5/r',
      authentication: { kind: 'none' },
    });
    assert.equal(profile(undefined).datacat, undefined);
    assert.equal(datacatConnection(profile(undefined), 'test'), undefined);
  });

  it('names the file of a key, below home too', () => {
    const { datacat } = profile({
      url: 'https://h/r',
      authentication: { kind: 'keyFile', file: '~/.datacat/default.cfg' },
    });
    assert.deepEqual(datacat?.authentication, { kind: 'keyFile', file: '/home/jane/.datacat/default.cfg' });
  });

  it('sends the token of the profile only where that is said, and never in the open', async () => {
    const token = { authentication: { kind: 'token', tokenVariable: 'TOKEN' } };
    const own = { url: 'https://h/r', authentication: { kind: 'profile' } };
    const connection = datacatConnection(profile(own, token), 'test');
    assert(connection?.authentication.kind === 'token');
    assert.deepEqual(
      [await connection.authentication.token(), connection.authentication.origin],
      ['secret', 'lsst'],
    );
    const plain = datacatConnection(profile({ url: 'https://h/r' }, token), 'test');
    assert.deepEqual(plain?.authentication, { kind: 'none' });
    const nobody = datacatConnection(profile(own), 'test');
    assert.deepEqual(nobody?.authentication, { kind: 'none' });
    assert.match(
      problems({ ...own, url: 'http://h/r' }, token).join(),
      /^datacat\.url .*would travel unencrypted/,
    );
    assert.deepEqual(problems({ ...own, url: 'http://127.0.0.1:8080/r' }, token), []);
    assert.deepEqual(problems({ url: 'http://h/r' }, token), []);
  });

  it('says what is wrong with it', () => {
    assert.deepEqual(problems('https://h'), ['datacat is not an object']);
    assert.deepEqual(problems({}), ['datacat.url is missing']);
    assert.match(problems({ url: 'h' }).join(), /^datacat\.url is not an address/);
    assert.match(problems({ url: 'https://me:pw@h/r' }).join(), /holds a name or password/);
    assert.deepEqual(problems({ url: 'https://h/r', key: 'x' }), [
      'datacat.key is not a setting of a profile',
    ]);
    const authentication = (value: unknown): string[] =>
      problems({ url: 'https://h/r', authentication: value });
    assert.deepEqual(authentication({ kind: 'keyFile' }), ['datacat.authentication.file is missing']);
    assert.deepEqual(authentication({ kind: 'magic' }), [
      'datacat.authentication.kind is none of none, keyFile, profile',
    ]);
    assert.deepEqual(authentication('none'), [
      'datacat.authentication.kind is none of none, keyFile, profile',
    ]);
    assert.deepEqual(authentication({ kind: 'none', secret: 'x' }), [
      'datacat.authentication.secret is not a setting of a profile',
    ]);
  });
});
