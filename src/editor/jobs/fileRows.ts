import { formatSize, formatTime, type JobFile } from '../../watch/index.ts';
import { errorText } from '../errorText.ts';
import { escapeMarkdown } from '../markdown.ts';
import type { FileLists } from '../outputs/fileLists.ts';
import { noteLook, type RowLook } from '../rowLook.ts';
import type { Session } from '../session.ts';
import { contextValue } from './contextValue.ts';
import type { RowNode } from './jobTree.ts';

/** A row below a job: one of its files, or a word on why there is none. */
export type FileNode =
  | {
      readonly kind: 'file';
      readonly id: string;
      readonly parent: RowNode;
      readonly file: JobFile;
      /** Without the name of the job, which outputs have in front. */
      readonly label: string;
    }
  | { readonly kind: 'note'; readonly id: string; readonly parent: RowNode; readonly text: string };

/** The files of a job as rows, those that it was to write first. Never rejects: what went wrong is a row, too. */
export async function fileRows(
  parent: RowNode,
  session: Session,
  lists: Pick<FileLists, 'of'>,
): Promise<readonly FileNode[]> {
  const note = (text: string, index = 0): FileNode => {
    return { kind: 'note', id: `${parent.id}/note:${index}`, parent, text };
  };
  try {
    const { files, unusable, trouble } = await lists.of(session, parent.pandaId);
    const prefix = `${session.store.get(parent.pandaId)?.jobName ?? ''}.`;
    const isOutput = ({ kind }: JobFile): boolean => kind === 'output';
    const row = (file: JobFile): FileNode => {
      // The pilot's are named after the job.
      const label = file.name.startsWith(prefix) ? file.name.slice(prefix.length) : file.name;
      return { kind: 'file', id: `${parent.id}/file:${file.name}`, parent, file, label };
    };
    const rows = [...files.filter(isOutput), ...files.filter((file) => !isOutput(file))].map(row);
    const notes = [
      ...(trouble === null ? [] : [`Some files may be missing. ${wordsOf(trouble)}`]),
      ...(unusable === 0 ? [] : [unusableText(unusable)]),
      ...(rows.length + unusable === 0 && trouble === null ? ['No files'] : []),
    ];
    return [...rows, ...notes.map(note)];
  } catch (error) {
    return [note(wordsOf(error))];
  }
}

function wordsOf(error: unknown): string {
  const text = errorText(error);
  return text === undefined ? 'No files' : `${text.message} ${text.advice}`.trim();
}

function unusableText(count: number): string {
  return count === 1
    ? 'One file has a name that cannot be used'
    : `${count} files have names that cannot be used`;
}

/** `outputsHere`: the file lies on this machine. */
export function fileLook(node: FileNode, outputsHere: boolean): RowLook {
  if (node.kind === 'note') return noteLook(node.text);
  const { name, size, modified } = node.file;
  const [last = name, ...folders] = node.label.split('/').reverse();
  const sizeText = size === null ? '' : formatSize(size);
  const description = [sizeText, folders.reverse().join('/')].filter((part) => part !== '').join(' · ');
  const facts = [sizeText, modified === null ? '' : formatTime(modified)].filter((part) => part !== '');
  return {
    label: last,
    description,
    icon: undefined,
    tooltip: [`**${escapeMarkdown(name)}**`, escapeMarkdown(facts.join(' · '))].join('\n\n'),
    contextValue: contextValue({ kind: 'file', outputs: outputsHere }),
    expandable: false,
    spoken: [`File ${name}`, sizeText].filter((part) => part !== '').join(', '),
  };
}

export function isFileNode(value: unknown): value is Extract<FileNode, { kind: 'file' }> {
  return (
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'file' && 'file' in value
  );
}
