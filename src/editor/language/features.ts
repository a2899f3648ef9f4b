import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import { createDisposables, systemClock, type Disposable } from '../../watch/index.ts';
import type { Parts } from '../parts.ts';
import { textSetting, type SettingsReader } from '../settings.ts';
import { createCheckService, type CheckService } from './checkService.ts';
import { createDocumentChecks, type DocumentChecks } from './documentChecks.ts';
import { registerLenses } from './lenses.ts';
import { registerProviders } from './providers.ts';
import { registerSubmissionProviders } from './submissionProviders.ts';

export interface LanguageFeatures extends Disposable {
  readonly service: CheckService;
  readonly checks: DocumentChecks;
}

/** Everything around our languages, put together. */
export function createLanguageFeatures(
  parts: Pick<Parts, 'extension' | 'errors' | 'contextKeys' | 'settings'>,
): LanguageFeatures {
  const owned = createDisposables();
  const entry = vscode.Uri.joinPath(parts.extension.extensionUri, 'dist', 'editor', 'checkWorker.js');
  const service = owned.add(
    createCheckService(
      () => new Worker(entry.fsPath),
      systemClock,
      () => sedFolder(parts.settings),
    ),
  );
  const checks = owned.add(createDocumentChecks(parts, service));
  owned.add(registerLenses(parts, checks));
  owned.add(registerProviders());
  owned.add(registerSubmissionProviders());
  return { service, checks, dispose: () => owned.dispose() };
}

/** The folder of spectra that the settings name, `~` for one's own. */
function sedFolder(settings: SettingsReader): string | undefined {
  const folder = textSetting(settings, 'sedFolder');
  return folder === undefined ? undefined : resolve(homedir(), folder.replace(/^~(?=[/\\]|$)/u, '.'));
}
