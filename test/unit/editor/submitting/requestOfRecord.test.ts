import assert from 'node:assert/strict';
import fc from 'fast-check';
import { requestOfRecord } from '../../../../src/editor/submitting/requestOfRecord.ts';
import {
  buildJobSpec,
  JOB_ATTRIBUTES,
  makeJobName,
  type JobRecord,
  type JobRequest,
  type JobSpec,
} from '../../../../src/panda/index.ts';
import { testProfile } from '../fakes.ts';
import { cacheUrl, request } from './forms.ts';

/** The record that a server would give for a spec. */
function recordOf(spec: JobSpec): JobRecord {
  const empty = Object.fromEntries(JOB_ATTRIBUTES.map(([name]) => [name, null]));
  return {
    ...empty,
    ...spec,
    PandaID: 1,
    jobStatus: 'failed',
    files: [],
    unknown: {},
  } as unknown as JobRecord;
}

function read(original: JobRequest): ReturnType<typeof requestOfRecord> {
  const jobName = makeJobName(original.name, 'mp4k2a00aa', 1);
  const context = { profile: testProfile, jobName, jobDefinitionId: 1, cacheUrl };
  return requestOfRecord(recordOf(buildJobSpec(original, context)), cacheUrl);
}

describe('a request read back from the record of its job', () => {
  it('is the request it was', () => {
    const word = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !text.includes('\0'));
    const output = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/);
    const pipeline = fc.record(
      { task: word, processInstance: word, stream: word },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 5 }),
        fc.uniqueArray(output, { maxLength: 3 }),
        fc.option(pipeline, { nil: undefined }),
        fc.boolean(),
        (words, outputs, identity, packed) => {
          const original = request({ arguments: words, outputs, pipeline: identity });
          const { id, payload, tarball } = original.transformation;
          const sent = packed
            ? original
            : { ...original, transformation: { id, payload, tarball: undefined } };
          const back = read(sent);
          assert.ok(back.kind === 'request', JSON.stringify(back));
          assert.deepEqual(back.request, {
            ...sent,
            transformation: 'script',
            payload: payload.name,
            tarball: packed ? tarball?.name : undefined,
          });
        },
      ),
    );
  });

  it('says that its files are told where it is staged', () => {
    const jobParameters = "--manifest 'file:///s/jane/2026-11-23/mi1f9x0k2a/manifests#1' --memory 1 -- a";
    const record = recordOf(
      buildJobSpec(request({}), {
        profile: testProfile,
        jobName: 'r22.mp4k2a00aa.1',
        jobDefinitionId: 1,
        cacheUrl,
      }),
    );
    const back = requestOfRecord({ ...record, jobParameters }, cacheUrl);
    assert.ok(back.kind === 'request');
    assert.deepEqual([back.isStaged, back.request.outputs, back.request.arguments], [true, [], ['a']]);
  });

  it('is not made up where a job is not ours', () => {
    const record = recordOf(
      buildJobSpec(request({}), {
        profile: testProfile,
        jobName: 'r22.mp4k2a00aa.1',
        jobDefinitionId: 1,
        cacheUrl,
      }),
    );
    const reason = (change: Partial<JobRecord>): string => {
      const back = requestOfRecord({ ...record, ...change }, cacheUrl);
      return back.kind === 'none' ? back.reason : 'it is';
    };
    assert.equal(reason({}), 'it is');
    assert.match(reason({ jobName: 'theirs' }), /another program/);
    assert.match(reason({ transformation: 'https://elsewhere/x.sh' }), /transformation is not in the cache/);
    assert.match(reason({ transformation: cacheUrl('../secret') }), /transformation is not in the cache/);
    assert.match(reason({ jobParameters: "--source 'open" }), /parameters/);
    assert.match(reason({ jobParameters: '--other x -- a' }), /parameters/);
    assert.match(
      reason({ jobParameters: '--source https://elsewhere/jobO.1.tar.gz -- a' }),
      /files are not in the cache/,
    );
  });
});
