import * as vscode from 'vscode';
import { keyTrouble, LONGEST_TOKEN, type StagingKeys } from './credentials.ts';

/** Asks for the keys one by one, the secret ones hidden; undefined when the user leaves. */
export async function askForKeys(profile: string): Promise<StagingKeys | undefined> {
  const ask = (step: number, prompt: string, more: vscode.InputBoxOptions) =>
    vscode.window.showInputBox({
      title: `Staging credentials of ${profile} (${step} of 3)`,
      prompt,
      ignoreFocusOut: true,
      validateInput: (typed) => keyTrouble(typed),
      ...more,
    });
  const accessKeyId = await ask(1, 'Access key id', { placeHolder: 'AKIA…' });
  if (accessKeyId === undefined) return undefined;
  const secretAccessKey = await ask(2, 'Secret access key; it is kept in the secret storage of VS Code', {
    password: true,
  });
  if (secretAccessKey === undefined) return undefined;
  const sessionToken = await ask(3, 'Session token; nothing for keys that stay valid', {
    password: true,
    validateInput: (typed) => (typed.trim() === '' ? undefined : keyTrouble(typed, LONGEST_TOKEN)),
  });
  if (sessionToken === undefined) return undefined;
  return {
    kind: 'keys',
    accessKeyId: accessKeyId.trim(),
    secretAccessKey: secretAccessKey.trim(),
    ...(sessionToken.trim() === '' ? {} : { sessionToken: sessionToken.trim() }),
  };
}
