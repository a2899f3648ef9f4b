import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commands, EXTENSION_ID, schemes } from '../../src/editor/contributions.ts';
import { logPath } from '../../src/editor/documents/logUri.ts';
import { createPandaClient, type PandaClient } from '../../src/panda/index.ts';
import { defaultDataHome, readConnection, sandboxLayout, sandboxProfile } from '../../src/sandbox/index.ts';
import { parseRecord } from '../../src/transformations/index.ts';
import { until } from '../support/until.ts';

const dataFolder = defaultDataHome(process.env, '/');
const { connectionFile } = sandboxLayout(dataFolder);
const { username: user } = userInfo();

/** What the sandbox itself says, past the extension. */
async function withClient<T>(use: (client: PandaClient) => Promise<T>): Promise<T> {
  const connection = await readConnection(connectionFile);
  assert.ok(connection, 'the sandbox runs');
  const client = createPandaClient(sandboxProfile(connection, user));
  try {
    return await use(client);
  } finally {
    client.dispose();
  }
}

async function jobNamed(name: string): Promise<number> {
  return until(`a finished job ${name}`, () =>
    withClient(async (client) => {
      const jobs = (await client.monitor?.jobsOfUser(user)) ?? [];
      const job = jobs.find(({ jobName, state }) => jobName.startsWith(`${name}.`) && state === 'finished');
      return job?.pandaId;
    }),
  );
}

async function shownText(scheme: string): Promise<string> {
  return until(`a ${scheme} document in front`, async () => {
    const document = vscode.window.activeTextEditor?.document;
    return document?.uri.scheme === scheme && document.getText() !== '' ? document.getText() : undefined;
  });
}

async function writeProfile(name: string | undefined): Promise<void> {
  const settings = vscode.workspace.getConfiguration('descPanda');
  await settings.update('profile', name, vscode.ConfigurationTarget.Global);
}

describe('the extension in VS Code', function () {
  this.timeout(120_000);

  it('activates, and every command is there', async () => {
    const extension = vscode.extensions.getExtension(EXTENSION_ID);
    assert.ok(extension);
    await extension.activate();
    const known = new Set(await vscode.commands.getCommands(true));
    const missing = Object.values(commands).filter((id) => !known.has(id));
    assert.deepEqual(missing, []);
  });

  it('runs HelloPanda: starts the sandbox, and its log comes as a document', async () => {
    await vscode.commands.executeCommand(commands.hello);
    const pandaId = await jobNamed('HelloPanda');
    await vscode.commands.executeCommand(commands.openLog, { pandaId });
    const text = await shownText(schemes.log);
    assert.match(text, new RegExp(`\\b${pandaId}\\b`), text);
  });

  it('says in its own document why a log cannot be shown', async () => {
    const open = async (path: string): Promise<string> => {
      const uri = vscode.Uri.from({ scheme: schemes.log, path });
      return (await vscode.workspace.openTextDocument(uri)).getText();
    };
    assert.match(await open('/nonsense'), /address of no log/);
    const elsewhere = logPath({ profile: 'elsewhere', pandaId: 1, file: 'payload.stdout' });
    assert.match(await open(elsewhere), /profile elsewhere, which is not in use/);
    const unknown = logPath({ profile: 'sandbox', pandaId: 1, file: 'payload.stdout' });
    assert.match(await open(unknown), /PanDA does not know this job/);
  });

  it('shows what works as a report', async () => {
    await vscode.commands.executeCommand(commands.checkConnection);
    const text = await until('the end of the report', async () => {
      const shown = await shownText(schemes.text);
      return shown.endsWith('.\n') ? shown : undefined;
    });
    for (const part of ['running', 'TCP', 'API', 'list', 'accepted', 'data', 'put', 'probe', 'folder']) {
      assert.match(text, new RegExp(`✓ ${part} `), text);
    }
    assert.match(text, /\nAll is well\.\n$/);
    await vscode.commands.executeCommand(commands.copyReport);
    assert.equal(await vscode.env.clipboard.readText(), text);
    assert.ok(text.includes(dataFolder));
    const connection = await readConnection(connectionFile);
    assert.ok(connection && !text.includes(connection.token), 'the token is not in the report');
  });

  it('says in the report that a profile is not configured, and goes back to the sandbox', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await writeProfile('nowhere');
    try {
      const said = await until('a report on the profile', async () => {
        await vscode.commands.executeCommand(commands.checkConnection);
        const text = await shownText(schemes.text);
        return text.includes('nowhere') ? text : undefined;
      });
      assert.match(
        said,
        /⊗ chosen +There is no profile nowhere \(descPanda\.profile\)\.[^]*\n +→ Use one of sandbox, /,
        said,
      );
    } finally {
      await writeProfile(undefined);
    }
  });

  it('keeps a submission in the journal that all programs share', async () => {
    const folder = vscode.Uri.file(join(dataFolder, '..', 'submissions', 'sandbox'));
    const entries = await vscode.workspace.fs.readDirectory(folder);
    assert.equal(entries.filter(([name]) => name.endsWith('.jsonl')).length, 1);
  });

  it('keeps a record of it in the workspace, and shows that for its job', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const pandaId = await jobNamed('HelloPanda');
    const text = await until('the record in front', async () => {
      await vscode.commands.executeCommand(commands.showSubmission, { pandaId });
      const document = vscode.window.activeTextEditor?.document;
      return document?.uri.scheme === 'file' ? document.getText() : undefined;
    });
    const record = parseRecord(text);
    assert.ok(record !== undefined, text);
    assert.deepEqual(
      [record.name, record.pandaIds, record.asked.transformation],
      ['HelloPanda', [pandaId], 'hello'],
    );
  });

  it('stops the sandbox', async () => {
    await vscode.commands.executeCommand(commands.stopSandbox);
    assert.equal(await readConnection(connectionFile), undefined);
  });
});
