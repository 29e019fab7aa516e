/**
 * The library: a client for the workbins behind one Web Services, its events and errors, and operators for both.
 *
 * @module rx-workbins
 * @category API
 */

export { type WorkbinClient, type UndecodedMessage, createWorkbinClient } from './client.js';

export type {
  Accepted,
  FailedEvent,
  GapEvent,
  Interaction,
  Item,
  ItemEvent,
  StateChanged,
  SubscriptionEvent,
  WatchEvent,
} from './core/events.js';
export { type SubscriptionRequest, mergeSubscription } from './core/mergeSubscription.js';

export {
  ApiError,
  ArgumentError,
  ClosedError,
  ConnectionError,
  DecodeError,
  HttpError,
  NetworkError,
  RequestFailedError,
  SubscriptionError,
  TimeoutError,
  WorkbinError,
  type WorkbinErrorCode,
  isApiError,
  isArgumentError,
  isClosedError,
  isConnectionError,
  isDecodeError,
  isHttpError,
  isNetworkError,
  isRequestFailedError,
  isSubscriptionError,
  isTimeoutError,
  isWorkbinError,
} from './errors.js';

export { type CollectItemsOptions, collectItems } from './operators/collectItems.js';
export { ofState } from './operators/ofState.js';
export { ofUser } from './operators/ofUser.js';
export { ofWorkbin } from './operators/ofWorkbin.js';
export { type Progress, progress } from './operators/progress.js';
export { type Settlement, settle } from './operators/settle.js';
export { subscribeForUsers } from './operators/subscribeForUsers.js';
export { subscribeWorkbins } from './operators/subscribeWorkbins.js';
export { type UntilSubscribedOptions, untilSubscribed } from './operators/untilSubscribed.js';

export {
  WorkbinNotification,
  WorkbinStateChangeMessage,
  WorkbinSubscriptionStateChangeMessage,
} from './protocol/notification.js';
export { SubscribeResponse, type Workbin } from './protocol/reply.js';
export type { WorkbinOperation } from './protocol/request.js';
export type { WorkbinScope } from './scope.js';
export type { ConnectionState } from './session/connection.js';
export type { AuthProvider, BasicAuth, Logger, WorkbinClientOptions } from './session/settings.js';
export type { OperationOptions, WorkbinContent, Workbins } from './session/workbins.js';
export type { RetryOptions } from './transport/retry.js';
