import { isDataUrl } from "@aivillage/screening";

/** The object or array that a value is in, and where that is. */
interface Holder {
  readonly value: object;
  readonly key: string | number;
}

/** Names that AI services give the media type beside `data`. */
const typeNames = ["media_type", "mime_type", "mimeType"] as const;
const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/**
 * Whether a string is the base64 of a picture, sound or document, and no text: a `data:` URL (RFC 2397), or the member `data` beside a media
 * type, or of an `input_audio`, as AI services take it.
 */
export function isMediaData(text: string, holder: Holder | undefined, key: string | number): boolean {
  if (text.startsWith("data:")) return isDataUrl(text);
  return key === "data" && holder !== undefined && isMedia(holder) && base64.test(text);
}

function isMedia({ value, key }: Holder): boolean {
  if (key === "input_audio") return true;
  const members = value as Readonly<Record<string, unknown>>;
  return typeNames.some((name) => Object.hasOwn(members, name) && isDataUrl(`data:${String(members[name])};base64,`));
}
