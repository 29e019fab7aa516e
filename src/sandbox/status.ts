import { jsonReply, type Reply } from './reply.js';

interface Meaning {
  readonly message: string;
  /** The HTTP status that the sandbox pairs it with. Genesys documents none. */
  readonly status: number;
}

/** The return values as Genesys documents them. */
const meanings: ReadonlyMap<number, Meaning> = new Map([
  [0, { message: 'Success', status: 200 }],
  [1, { message: 'A required parameter is missing in the request', status: 400 }],
  [2, { message: 'A parameter is not valid for the current state', status: 409 }],
  [3, { message: 'The operation is forbidden', status: 403 }],
  [4, { message: 'An internal error occurred', status: 500 }],
  [5, { message: 'The user does not have permission for this operation', status: 403 }],
  [6, { message: 'The requested resource was not found', status: 404 }],
  [7, { message: 'Partial success: at least one action of the operation succeeded', status: 200 }],
  [8, { message: 'The password must be changed', status: 403 }],
  [9, { message: 'The processing is incomplete', status: 200 }],
  [10, { message: 'Input validation failed', status: 400 }],
  [11, { message: 'The property is read-only', status: 400 }],
  [12, { message: 'Unable to retrieve the resource', status: 500 }],
  [13, { message: 'Unable to create the resource', status: 500 }],
  [14, { message: 'Unable to delete the resource', status: 500 }],
  [15, { message: 'Unable to update the resource', status: 500 }],
  [16, { message: 'Unable to assign the resource', status: 500 }],
  [17, { message: 'Unable to unassign the resource', status: 500 }],
  [18, { message: 'The resource exists already', status: 409 }],
  [19, { message: 'The resource is in use already', status: 409 }],
  [20, { message: 'Access denied: the user is not authenticated', status: 401 }],
]);

export function statusMessageOf(statusCode: number): string {
  return meanings.get(statusCode)?.message ?? 'Unknown error';
}

/** A refusal with the documented body. */
export function refusal(statusCode: number, statusMessage = statusMessageOf(statusCode), status?: number): Reply {
  return jsonReply({ statusCode, statusMessage }, status ?? meanings.get(statusCode)?.status ?? 500);
}
