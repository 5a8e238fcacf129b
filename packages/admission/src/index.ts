export { type AdaptiveOptions, adaptive } from "./adaptive/adaptive.ts";
export type { AdaptiveLimit } from "./adaptive/adaptive-limit.ts";
export { admission, type AdmissionHandler, type LimitState } from "./admission.ts";
export { type Admission, getAdmission, isWaiting } from "./admitted.ts";
export type { AttachedSlots } from "./cluster/attach.ts";
export { ClusterStore, type ClusterStoreOptions } from "./cluster/cluster-store.ts";
export {
  type AdmissionRefused,
  admissionRefused,
  type AdmissionStoreAvailabilityChanged,
  admissionStoreAvailabilityChanged,
  type LimitAdapted,
  limitAdapted,
  type RequestAdmitted,
  requestAdmitted,
  type SlotsReleased,
  slotsReleased,
  type WaitingClientLeft,
  waitingClientLeft,
} from "./events.ts";
export type { ConcurrencyLimit } from "./limit.ts";
export { MemoryStore } from "./memory-store.ts";
export { type RedisClient, RedisStore, type RedisStoreOptions } from "./redis/redis-store.ts";
export type { AdmissionOptions, QueueOptions } from "./options.ts";
export type { AdmissionStore, Ask, Demand, Entrant, LimitCount, QueueBounds, Refusal, RefusalReason } from "./store.ts";
