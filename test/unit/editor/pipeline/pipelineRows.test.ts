import assert from 'node:assert/strict';
import { pipelineLook } from '../../../../src/editor/pipeline/pipelineLook.ts';
import { PipelineTree, type PipelineNode } from '../../../../src/editor/pipeline/pipelineTree.ts';
import type {
  InstanceSnapshot,
  InstanceState,
  PipelineSnapshot,
  StreamSnapshot,
} from '../../../../src/pipeline/index.ts';

const MINUTE = 60_000;

function instance(key: number, process: string, state: InstanceState): InstanceSnapshot {
  return {
    ...{ key, process, type: 'BATCH', state, execution: 1, retry: 0, jobId: null, jobStatus: null },
    ...{ exitCode: null, host: null, created: 0, started: null, ended: null, message: null, earlier: [] },
    mails: { start: false, end: false, repeated: 0 },
  };
}

function stream(
  key: number,
  path: string,
  instances: readonly InstanceSnapshot[],
  substreams: readonly StreamSnapshot[] = [],
): StreamSnapshot {
  const states = [...instances, ...substreams.flatMap((one) => one.instances)].map(({ state }) => state);
  const counts = Object.fromEntries(
    states.map((state) => [state, states.filter((one) => one === state).length]),
  );
  const task = path.includes('.') ? 'visit.sensor' : 'visit';
  return { key, task, path, state: 'RUNNING', counts, instances, substreams };
}

function snapshot(streams: readonly StreamSnapshot[]): PipelineSnapshot {
  const mails = { started: 2, ended: 1, repeated: 2, refused: 0 };
  return { task: 'visit', version: '1.0', counts: { RUNNING: 1, SUCCESS: 1 }, streams, mails, notes: [] };
}

describe('the rows of a pipeline run', () => {
  const facts = { name: 'visit.xml', running: true, trouble: undefined };
  const told = (tree: PipelineTree, node: PipelineNode, now = 0): string => {
    const look = pipelineLook(node, tree, facts, now);
    return `${look?.icon?.codicon ?? ''} ${look?.label ?? ''} | ${look?.description ?? ''} | ${look?.contextValue ?? ''}`;
  };
  const outline = (tree: PipelineTree, node: PipelineNode = tree.root, depth = 0): readonly string[] => [
    `${'  '.repeat(depth)}${told(tree, node, 2 * MINUTE)}`,
    ...tree.children(node).flatMap((child) => outline(tree, child, depth + 1)),
  ];

  it('are streams, process instances and substreams, each with its state and its jobs', () => {
    const tree = new PipelineTree('run:1');
    assert.deepEqual(outline(tree), ['type-hierarchy-sub visit.xml | starting | pipelineRun underWay']);
    const running = { ...instance(3, 'phoSim', 'RUNNING'), jobId: '41', started: MINUTE };
    const failed = {
      ...instance(6, 'ingest', 'FAILED'),
      execution: 2,
      exitCode: 3,
      earlier: ['FAILED' as const],
      mails: { start: true, end: true, repeated: 1 },
    };
    tree.update(
      snapshot([stream(1, '0', [instance(2, 'setup', 'SUCCESS'), running], [stream(5, '0.7', [failed])])]),
    );
    assert.deepEqual(outline(tree), [
      'type-hierarchy-sub visit | 1 stream · 1 running · 1 success · 3 mails · 2 mails repeated | pipelineRun cancellable underWay',
      '  play Stream 0 | 1 failed · 1 running · 1 success | stream cancellable',
      '    pass setup |  | instance rollable',
      '    play phoSim | running · 41 · 1 m | instance cancellable pandaJob',
      '    play sensor 7 | 1 failed | stream rollable',
      '      error ingest | failed · exit code 3 · execution 2 · 1 mail repeated | instance rollable',
    ]);
  });

  it('stay the same objects while they are shown, and name all process instances below them', () => {
    const tree = new PipelineTree('run:1');
    const streams = [
      stream(1, '0', [instance(2, 'setup', 'RUNNING')], [stream(5, '0.7', [instance(6, 'x', 'READY')])]),
    ];
    tree.update(snapshot(streams));
    const [before] = tree.children(tree.root);
    tree.update(snapshot(streams));
    const [after] = tree.children(tree.root);
    assert.ok(before !== undefined && before === after);
    assert.deepEqual(tree.keys(before), [2, 6]);
    assert.deepEqual(tree.keys(tree.root), [2, 6]);
    // A new execution is the same row, with another number.
    const [row] = tree.children(before);
    tree.update(snapshot([stream(1, '0', [instance(9, 'setup', 'READY')])]));
    assert.ok(row !== undefined && tree.children(before)[0] === row);
    assert.deepEqual(tree.keys(row), [9]);
  });

  it('come by pages, processes first', () => {
    const tree = new PipelineTree('run:1');
    const many = Array.from({ length: 450 }, (_, at) => stream(at + 10, `0.${at}`, []));
    tree.update(snapshot([stream(1, '0', [instance(2, 'setup', 'SUCCESS')], many)]));
    const [top] = tree.children(tree.root);
    assert.ok(top?.kind === 'stream');
    const shown = (): number => tree.children(top).length;
    assert.equal(shown(), 201);
    const more = tree.children(top).at(-1);
    assert.ok(more?.kind === 'more');
    assert.equal(told(tree, more), 'ellipsis Load more | 200 of 451 | more');
    tree.showMore(more);
    tree.showMore(more);
    assert.equal(shown(), 451);
  });

  it('say that a run was stopped, and why', () => {
    const tree = new PipelineTree('run:1');
    tree.update(snapshot([stream(1, '0', [instance(2, 'setup', 'RUNNING')])]));
    const stopped = { name: 'visit.xml', running: false, trouble: 'The disk is full' };
    const look = pipelineLook(tree.root, tree, stopped, 0);
    assert.equal(
      look?.description,
      'stopped · 1 stream · 1 running · 1 success · 3 mails · 2 mails repeated · The disk is full',
    );
    assert.equal(look?.contextValue, 'pipelineRun stopped removable');
  });

  it('escape what others wrote', () => {
    const tree = new PipelineTree('run:1');
    const odd = { ...instance(2, 'a|b', 'FAILED'), message: '[x](command:y) | z' };
    tree.update(snapshot([stream(1, '0', [odd])]));
    const [top] = tree.children(tree.root);
    const [row] = top === undefined ? [] : tree.children(top);
    assert.ok(row !== undefined);
    const tooltip = pipelineLook(row, tree, facts, 0)?.tooltip ?? '';
    assert.ok(!tooltip.includes('[x](command:y)') && !tooltip.includes(' | z |'), tooltip);
  });
});
