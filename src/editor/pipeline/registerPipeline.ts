import * as vscode from 'vscode';
import { registerPipelineCommands } from '../commands/pipelineCommands.ts';
import { createDisposables, systemClock, type Disposable } from '../../watch/index.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import type { Parts } from '../parts.ts';
import { Daemons, daemonsFolder } from './daemons.ts';
import { PipelineRuns } from './pipelineRuns.ts';
import { PipelineView } from './pipelineView.ts';

/** The Pipeline view: daemons of this machine, and the runs of this workspace, which go on when somebody looks at it first. */
export function registerPipeline(
  parts: Pick<Parts, 'extension' | 'log' | 'register' | 'settings' | 'sandbox'>,
  documents: TextDocuments,
): Disposable {
  const owned = createDisposables();
  const { settings, extension } = parts;
  const log = (line: string): void => parts.log.info(line);
  const isTrusted = (): boolean => vscode.workspace.isTrusted;
  const runs = owned.add(
    new PipelineRuns({ extension, settings, isTrusted, log, now: () => systemClock.now() }),
  );
  const daemons = owned.add(new Daemons({ settings, clock: systemClock, folder: daemonsFolder, log }));
  const view = owned.add(new PipelineView(runs, daemons));
  owned.add(registerPipelineCommands(parts, { runs, view, documents }));
  return owned;
}
