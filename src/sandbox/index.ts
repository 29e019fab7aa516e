/**
 * A stand-in for Web Services on a real socket, for tests and for trying things.
 *
 * @module rx-workbins/sandbox
 * @category API
 */

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
