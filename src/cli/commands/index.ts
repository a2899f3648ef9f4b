/** The commands, in the order of the help. */
import type { Command } from '../command.ts';
import { authCommand } from './auth.ts';
import { cancelCommand } from './cancel.ts';
import { checkCommand } from './check.ts';
import { datacatCommand } from './datacat.ts';
import { doctorCommand } from './doctor.ts';
import { filesCommand } from './files.ts';
import { jobCommand } from './job.ts';
import { jobcontroldCommand } from './jobcontrold.ts';
import { jobsCommand } from './jobs.ts';
import { logsCommand } from './logs.ts';
import { pipelineEmulatorCommand } from './pipelineEmulator.ts';
import { rmiCommand } from './rmi.ts';
import { sandboxCommand } from './sandbox.ts';
import { sitesCommand } from './sites.ts';
import { stageCommand } from './stage.ts';
import { submissionsCommand } from './submissions.ts';
import { submitCommand } from './submit.ts';
import { taskCommand } from './task.ts';
import { tasksCommand } from './tasks.ts';

export const COMMANDS: readonly Command[] = [
  submitCommand,
  checkCommand,
  jobsCommand,
  jobCommand,
  cancelCommand,
  logsCommand,
  filesCommand,
  sitesCommand,
  submissionsCommand,
  tasksCommand,
  taskCommand,
  stageCommand,
  datacatCommand,
  authCommand,
  sandboxCommand,
  jobcontroldCommand,
  pipelineEmulatorCommand,
  rmiCommand,
  doctorCommand,
];
