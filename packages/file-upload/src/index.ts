export { type RefusalReason, type UploadReceived, uploadReceived, type UploadRefused, uploadRefused } from "./events.ts";
export { fileUpload } from "./file-upload.ts";
export type { Inspect, InspectedFile, Inspection, Verdict } from "./inspect.ts";
export type { CheckField, FileUploadOptions, FormField } from "./options.ts";
export { getUpload, type Upload, type UploadedFile, type UploadSummary } from "./upload.ts";
