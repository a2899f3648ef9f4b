import type { Command } from '../command.ts';

/** The commands by their names, in the order of the help. Each is loaded when it is called for. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  submit: async () => (await import('./submit.ts')).submitCommand,
  check: async () => (await import('./check.ts')).checkCommand,
  jobs: async () => (await import('./jobs.ts')).jobsCommand,
  job: async () => (await import('./job.ts')).jobCommand,
  cancel: async () => (await import('./cancel.ts')).cancelCommand,
  logs: async () => (await import('./logs.ts')).logsCommand,
  files: async () => (await import('./files.ts')).filesCommand,
  sites: async () => (await import('./sites.ts')).sitesCommand,
  submissions: async () => (await import('./submissions.ts')).submissionsCommand,
  tasks: async () => (await import('./tasks.ts')).tasksCommand,
  task: async () => (await import('./task.ts')).taskCommand,
  workflows: async () => (await import('./workflows.ts')).workflowsCommand,
  stage: async () => (await import('./stage.ts')).stageCommand,
  datacat: async () => (await import('./datacat.ts')).datacatCommand,
  auth: async () => (await import('./auth.ts')).authCommand,
  sandbox: async () => (await import('./sandbox.ts')).sandboxCommand,
  jobcontrold: async () => (await import('./jobcontrold.ts')).jobcontroldCommand,
  'pipeline-emulator': async () => (await import('./pipelineEmulator.ts')).pipelineEmulatorCommand,
  rmi: async () => (await import('./rmi.ts')).rmiCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
};

export function loadCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(COMMANDS).map((load) => load()));
}
