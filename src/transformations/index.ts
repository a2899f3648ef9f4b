/** What can be run on PanDA: each transformation recognises a file, checks it, and turns it into job requests. */
export type * from './api.ts';
export {
  collectParameters,
  createTransformations,
  knownParameters,
  knownTransformations,
  type SharedParameter,
} from './catalog.ts';
export { payloadFolderReader, type ReadPayload } from './payloads.ts';
export {
  findTaskFiles,
  type FindOptions as FindTaskFilesOptions,
  type LeftOut,
  type TaskFiles,
} from './task/findTaskFiles.ts';
export {
  DEFAULT_ATTEMPTS,
  explainProblems,
  gatherTask,
  MOST_ATTEMPTS,
  type GatheredTask,
  type GatheredTaskResult,
  type TaskSettings,
} from './task/gatherTask.ts';
export { packTask, TaskFileError } from './task/packTask.ts';
export { planTask, type TaskChoices, type TaskPlan, type TaskPlanResult } from './task/planTask.ts';
export {
  CATALOG_COMMANDS,
  CATALOG_NAMES,
  catalogCommand,
  OBJECT_FIELDS,
  type CatalogCommand,
  type ObjectField,
} from './phosim/catalog/commandTable.ts';
export {
  DUST_MODELS,
  SPATIAL_MODELS,
  spatialModel,
  type SpatialModel,
} from './phosim/catalog/spatialModels.ts';
export type { Diagnostic, Severity } from './diagnostics.ts';
export {
  checkCatalog,
  type CatalogReport,
  type CatalogRequest,
  type CheckOptions,
} from './phosim/catalog/checkCatalog.ts';
export { recogniseCatalog } from './phosim/catalog/recogniseCatalog.ts';
export type { SkyMap } from './phosim/catalog/skyMap.ts';
export { PHYSICS_COMMANDS, physicsCommand, type PhysicsCommand } from './phosim/commandFile/physicsTable.ts';
export { recogniseCommandFile } from './phosim/commandFile/recogniseCommandFile.ts';
export { checkBpsYaml } from './dmstack/bpsYaml.ts';
export { likelyBpsKey } from './dmstack/bpsYamlKeys.ts';
export { checkPipelineYaml } from './dmstack/pipelineYaml.ts';
export { Findings } from './findings.ts';
export type { ListedFindings } from './findings.ts';
export { readWhole } from './readWhole.ts';
export { nearest } from './nearest.ts';
export { checkFile, type CheckResult } from './checkFile.ts';
export type { Checker, CheckFileOptions, CheckOutcome } from './checker.ts';
export type { DiagnosticCounts, FileDiagnostic } from './diagnostics.ts';
export { readBeside } from './readBeside.ts';
export { ReadError, type ReadTrouble } from './readBytes.ts';
export type { FileRole } from './phosim/catalog/fileCheck.ts';
export { describeFacts, type VisitFact } from './phosim/catalog/facts.ts';
export type { CatalogSummary, IncludeSummary } from './phosim/catalog/summary.ts';
export { findHeaderWord } from './phosim/catalog/headerWords.ts';
export { checkCommandFile, type CommandFileReport } from './phosim/commandFile/checkCommandFile.ts';
export {
  AMPLIFIERS,
  parseSensors,
  PSEUDO_SENSOR,
  SCIENCE_RAFTS,
  SENSORS,
  sensorsOfCamconfig,
  type Sensor,
  type SensorGroup,
  type SensorList,
} from './phosim/focalPlane.ts';
export { parseCount, parseMemory, parseSeconds } from './units.ts';
export { entryOf, readYaml, textOf } from './yamlTree.ts';
export type { YamlEntry, YamlFile, YamlMap, YamlNode, YamlPlace } from './yamlTree.ts';
export * from './submissionFile/index.ts';
export { parseParameterTable, type ParameterTable } from './sweep/parameterTable.ts';
