import assert from 'node:assert/strict';
import type { JobRecord } from '../../../../src/panda/index.ts';
import { fileFormat, outputDatasets } from '../../../../src/watch/index.ts';
import type { JobFile } from '../../../../src/watch/index.ts';

const JOB = {
  PandaID: 6_900_000_001,
  jobName: 'visit.mi1f9x0k2a.3',
  transformation: 'http://host/trf/user.sh',
  computingSite: 'BNL-LSST',
  prodUserName: 'jane',
  attemptNr: 1,
  jediTaskID: 0,
  files: [{ type: 'log', lfn: 'visit.mi1f9x0k2a.3.log.tgz' }],
} as unknown as JobRecord;

const file = (name: string, kind: JobFile['kind'], more: Partial<JobFile> = {}): JobFile => ({
  name,
  kind,
  size: 12,
  modified: null,
  url: `s3://bucket/${name}`,
  adler32: '024d00dc',
  sha256: null,
  staged: undefined,
  ...more,
});

describe('outputs of a job as datasets', () => {
  it('have size, checksum, place and what is known of the job', () => {
    const [dataset, ...others] = outputDatasets(JOB, [
      file('images/e.fits.gz', 'output', { sha256: 'ab' }),
      file('payload.stdout', 'log'),
      file('visit.mi1f9x0k2a.3.log.tgz', 'output'),
      file('catalog.txt', 'input'),
    ]);
    assert.deepEqual(others, []);
    assert.deepEqual(dataset, {
      name: 'visit.mi1f9x0k2a.3.images.e.fits.gz',
      fileFormat: 'fits',
      metadata: [
        { name: 'PandaID', type: 'integer', value: 6_900_000_001 },
        { name: 'jobName', type: 'string', value: 'visit.mi1f9x0k2a.3' },
        { name: 'submission', type: 'string', value: 'mi1f9x0k2a' },
        { name: 'transformation', type: 'string', value: 'http://host/trf/user.sh' },
        { name: 'computingSite', type: 'string', value: 'BNL-LSST' },
        { name: 'prodUserName', type: 'string', value: 'jane' },
        { name: 'attemptNr', type: 'integer', value: 1 },
        { name: 'sha256', type: 'string', value: 'ab' },
      ],
      location: {
        site: 'BNL-LSST',
        resource: 's3://bucket/images/e.fits.gz',
        size: 12,
        checksum: '024d00dc',
      },
    });
  });

  it('say nothing where nothing is known, and keep names that are those of the job already', () => {
    const other = {
      ...JOB,
      jobName: 'theirs',
      attemptNr: null,
      jediTaskID: 7,
      transformation: '',
    } as JobRecord;
    const [dataset] = outputDatasets(
      other,
      [file('theirs.a', 'output', { size: null, adler32: null })],
      'SLAC',
    );
    assert.deepEqual([dataset?.name, dataset?.fileFormat], ['theirs.a', 'a']);
    assert.deepEqual(dataset?.location, { site: 'SLAC', resource: 's3://bucket/theirs.a' });
    assert.deepEqual(
      dataset.metadata.map(({ name }) => name),
      ['PandaID', 'jediTaskID', 'jobName', 'computingSite', 'prodUserName'],
    );
  });

  it('have a format by their name', () => {
    const names = ['f.FITS', 'a.tar.gz', 'b.h5', 'README', 'x.1', 'a.b/c'];
    assert.deepEqual(names.map(fileFormat), ['fits', 'tar', 'h5', 'txt', 'txt', 'txt']);
  });
});
