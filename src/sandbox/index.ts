export { createSandbox } from './sandbox.js';
export { defaultUsers, defaultWorkbins } from './defaults.js';
export type {
  BayeuxKill,
  Fault,
  FaultMatch,
  ItemOwner,
  Medium,
  PushOptions,
  PushOrder,
  Sandbox,
  SandboxItem,
  SandboxOptions,
  SandboxRequest,
  SandboxSubscription,
  SandboxUser,
  SandboxWorkbin,
} from './types.js';
