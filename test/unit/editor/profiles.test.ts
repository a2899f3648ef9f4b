import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProfileError } from '../../../src/panda/index.ts';
import { createProfiles, nameInUse, type Profiles } from '../../../src/editor/profiles.ts';
import { settingsOf } from './fakes.ts';

const SERVER = { server: 'https://panda.test:25443', vo: 'lsst', authentication: { kind: 'none' } };

describe('the profile that the editor uses', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'profiles-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const profilesOf = (
    settings: Readonly<Record<string, unknown>>,
    variables: Readonly<Record<string, string>> = {},
  ): Profiles =>
    createProfiles({
      settings: settingsOf(settings),
      variables: { PATH: process.env.PATH, XDG_CONFIG_HOME: folder, ...variables },
      user: 'alice',
      home: folder,
      userId: 1000,
    });

  it('is the sandbox unless settings or the shell name another', async () => {
    assert.equal((await profilesOf({}).resolve()).name, 'sandbox');
    assert.equal((await profilesOf({ site: 'SANDBOX_2' }).resolve()).values[0]?.value, 'SANDBOX_2');
    const shell = { PANDA_URL_SSL: 'http://127.0.0.1:8080/server/panda', PANDA_AUTH_VO: 'Rubin' };
    assert.equal((await profilesOf({}, shell).resolve()).name, 'environment');
    assert.equal((await profilesOf({ profile: 'sandbox' }, shell).resolve()).name, 'sandbox');
    assert.equal(
      (await profilesOf({}, { ...shell, DESC_PANDA_PROFILE: 'sandbox' }).resolve()).name,
      'sandbox',
    );
  });

  it('takes the site of the settings, and says where each value comes from', async () => {
    const profiles = profilesOf({ profile: 'mine', profiles: { mine: SERVER }, site: 'SLAC' });
    const { profile, values, chosenBy } = await profiles.resolve();
    assert.equal(profile?.defaultSite, 'SLAC');
    assert.equal(profile.user, 'alice');
    assert.equal(chosenBy, 'descPanda.profile');
    assert.equal(values.find(({ field }) => field === 'site')?.from, 'descPanda.site');
    assert.equal(values.find(({ field }) => field === 'server')?.from, 'descPanda.profiles');
    assert.equal(profiles.last?.name, 'mine');
  });

  it('is also one of the file that the command line reads', async () => {
    await mkdir(join(folder, 'desc-panda'));
    const file = join(folder, 'desc-panda', 'profiles.json');
    await writeFile(file, JSON.stringify({ default: 'shared', profiles: { shared: SERVER } }));
    const { name, values } = await profilesOf({ profiles: { shared: { vo: 'Rubin' } } }).resolve();
    assert.equal(name, 'shared');
    assert.equal(values.find(({ field }) => field === 'vo')?.value, 'Rubin');
    assert.equal(values.find(({ field }) => field === 'server')?.from, file);
  });

  it('is refused with what is wrong', async () => {
    const profiles = profilesOf({ profile: 'constructor' });
    await assert.rejects(profiles.resolve(), /There is no profile constructor/);
    await assert.rejects(profilesOf({ profile: 'x', profiles: 'text' }).resolve(), ProfileError);
    assert.equal(profiles.last, undefined);
    assert.equal(await nameInUse(profiles), 'a profile that cannot be used');
  });

  it('runs the set-up script again only when it was changed', async () => {
    const script = join(folder, 'setup.sh');
    const runs = join(folder, 'runs');
    const write = (port: number): Promise<void> =>
      writeFile(
        script,
        `echo run >> '${runs}'\nexport PANDA_URL_SSL=http://127.0.0.1:${port} PANDA_AUTH_VO=Rubin\n`,
      );
    await write(1);
    const profiles = profilesOf({ setupScript: '~/setup.sh' });
    assert.equal((await profiles.resolve()).profile?.server, 'http://127.0.0.1:1');
    await profiles.resolve();
    await write(2);
    await utimes(script, 1, 1);
    assert.equal((await profiles.resolve()).profile?.server, 'http://127.0.0.1:2');
    assert.equal((await readFile(runs, 'utf8')).split('\n').length, 3);
  });
});
