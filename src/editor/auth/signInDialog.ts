import * as vscode from 'vscode';
import type { DeviceCode, SignIn, SignInStatus } from '../../panda/index.ts';
import { noLinks } from '../vscode/noLinks.ts';
import { withViewProgress } from '../vscode/progress.ts';

const COPY_AND_OPEN = 'Copy code and open';
const OPEN = 'Open';
const COPY = 'Copy code';

/**
 * Signs in with a code: shows it, opens the page where the user wants that, and waits until they entered it there. Rejects
 * with an AbortError where the user leaves it. Works wherever the editor runs: the page opens on the user's own machine.
 */
export async function signInWithDialog(signIn: SignIn, name: string): Promise<SignInStatus> {
  const stop = new AbortController();
  const waiting = Promise.withResolvers<void>();
  try {
    return await withViewProgress(({ report }) => {
      report(`Signing in to ${name}`);
      return signIn.signIn({
        signal: stop.signal,
        onCode: async (code) => {
          const link = await shownLink(code);
          if (!(await showCode(code, link, name))) stop.abort();
          else showWaiting(code, link, name, waiting.promise, stop);
        },
      });
    });
  } finally {
    waiting.resolve();
  }
}

/** Where the user's browser reaches the page: of a machine elsewhere, what is on it has another address. */
async function shownLink({ link, completeLink }: DeviceCode): Promise<vscode.Uri> {
  return vscode.env.asExternalUri(vscode.Uri.parse(completeLink ?? link, true));
}

/** False where the user would rather not. */
async function showCode({ userCode }: DeviceCode, link: vscode.Uri, name: string): Promise<boolean> {
  const detail = `Your code is ${userCode}.\n\nIt is entered at ${link.authority}${link.path}, where you sign in. Do that only for a code that you see here.`;
  const options = { modal: true, detail };
  const chosen = await vscode.window.showInformationMessage(
    `Sign in to PanDA (${name})`,
    options,
    COPY_AND_OPEN,
    OPEN,
    COPY,
  );
  if (chosen === undefined) return false;
  if (chosen !== OPEN) await vscode.env.clipboard.writeText(userCode);
  if (chosen !== COPY) await vscode.env.openExternal(link);
  return true;
}

/** A notification with code and link, there until the sign-in is over; leaving it ends the sign-in. */
function showWaiting(
  { userCode }: DeviceCode,
  link: vscode.Uri,
  name: string,
  over: Promise<void>,
  stop: AbortController,
): void {
  const what = noLinks(`Sign in to PanDA (${name}): enter the code ${userCode} at`);
  const title = `${what} [${link.authority}](${link.toString(true)})`;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  void vscode.window.withProgress(options, async (_progress, token) => {
    const cancelled = token.onCancellationRequested(() => stop.abort());
    await over;
    cancelled.dispose();
  });
}
