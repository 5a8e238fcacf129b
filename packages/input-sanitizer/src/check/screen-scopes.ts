import type { ScreenProfile } from "@aivillage/screening";

import type { KeywordMarks } from "../schema/keyword-marks.ts";
import { isToolPart, newMessages } from "./conversation.ts";
import type { Container, DocumentText } from "./walk-document.ts";

/** How one text is screened, and whether it can refuse the request. */
export interface TextRule {
  readonly profile: ScreenProfile;
  readonly refuses: boolean;
}

/** How the texts below an object or array are screened, unless they have a mark themselves. */
interface Scope extends TextRule {
  /** Indexes of the messages that may refuse, if this is a conversation. */
  readonly turn?: ReadonlySet<number> | undefined;
  readonly isInMessage: boolean;
}

const strict: Scope = { profile: "strict", refuses: true, isInMessage: false };

/**
 * Finds the rule for each text of a document: the profile of the nearest mark, and `refuses` unless anything above says that its texts are only
 * flagged. Keys are strict.
 */
export class ScreenScopes {
  readonly #marks: KeywordMarks;
  #known: Map<Container, Scope> | undefined;

  constructor(marks: KeywordMarks) {
    this.#marks = marks;
  }

  of({ holder, key, isKey }: DocumentText): TextRule {
    const scope = this.#marks.marksContainers && holder !== undefined ? this.#below(holder) : strict;
    if (isKey) return scope.profile === "off" ? scope : { profile: "strict", refuses: scope.refuses };
    const mark = this.#marks.screen.get(holder?.value, key);
    if (scope === strict) return mark ?? strict;
    const isOld = scope.turn !== undefined && typeof key === "number" && !scope.turn.has(key);
    if (mark === undefined && !isOld) return scope;
    return { profile: mark?.profile ?? scope.profile, refuses: scope.refuses && mark?.refuses !== false && !isOld };
  }

  /** Containers are as deep as the limit allows, and each is looked at once. */
  #below(container: Container): Scope {
    this.#known ??= new Map();
    const known = this.#known.get(container);
    if (known !== undefined) return known;
    const scope = this.#read(container, container.parent === undefined ? strict : this.#below(container.parent));
    this.#known.set(container, scope);
    return scope;
  }

  #read({ value, parent, key }: Container, above: Scope): Scope {
    const mark = this.#marks.screen.get(parent?.value, key);
    const isOld = above.turn !== undefined && !above.turn.has(Number(key));
    const isOnlyFlagged = mark?.refuses === false || isOld || (above.isInMessage && isToolPart(value));
    return {
      profile: mark?.profile ?? above.profile,
      refuses: above.refuses && !isOnlyFlagged,
      turn: mark?.kind === "conversation" && Array.isArray(value) ? newMessages(value) : undefined,
      isInMessage: above.isInMessage || above.turn !== undefined,
    };
  }
}
