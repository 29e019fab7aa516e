import type { SandboxUser, SandboxWorkbin } from './types.js';

/**
 * The topic of workbin notifications.
 *
 * @category sandbox
 */
export const WORKBINS_TOPIC = '/v2/me/workbins';

/**
 * The users of a sandbox that is given none: `agent`, a supervisor, with id `9d5c1f0a7b3e4c6f8a2d1e0b5c7f9a31`, and
 * `colleague`, no supervisor, with id `e6f2ad1b26ea4e9b8dd907eabe167522`, the user in Genesys' samples. The password
 * of both is `secret`.
 *
 * @category sandbox
 */
export const defaultUsers: readonly [SandboxUser, ...SandboxUser[]] = [
  { id: '9d5c1f0a7b3e4c6f8a2d1e0b5c7f9a31', userName: 'agent', password: 'secret', supervisor: true },
  { id: 'e6f2ad1b26ea4e9b8dd907eabe167522', userName: 'colleague', password: 'secret' },
];

/**
 * The workbins of a sandbox that is given none: the two of Genesys' samples, one with a Base64 id as older versions
 * have them, and one for each kind of place and group.
 *
 * @category sandbox
 */
export const defaultWorkbins: readonly SandboxWorkbin[] = [
  { id: 'aee812a5-7396-4dd9-b180-230f1c1fb085', name: 'email-drafts', displayName: 'Email drafts', type: 'Agent' },
  { id: 'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4', name: 'in-progress', displayName: 'In progress', type: 'Agent' },
  {
    id: 'VHdpdHRlciBXb3JrYmluIEluUHJvZ3Jlc3MvUHJpdmF0ZVZpZXc=',
    name: 'Twitter Workbin InProgress',
    displayName: 'Twitter in progress',
    type: 'Agent',
  },
  { id: '5b1f7c7e-0a53-4d0e-9f3e-6f2b8a4f9c10', name: 'front-desk', displayName: 'Front desk', type: 'Place' },
  { id: '1c979a85-edd7-4540-8a58-b74fbc8328af', name: 'claims', displayName: 'Claims', type: 'AgentGroup' },
  { id: '7d2c9a34-51a2-4b0f-8f6d-2e8c5a1b7f42', name: 'branch', displayName: 'Branch', type: 'PlaceGroup' },
];
