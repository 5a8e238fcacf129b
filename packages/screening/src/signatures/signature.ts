/**
 * A form that is an attack wherever it stands: id of the rule, score, where to look, and the form.
 *
 * `on` lists triggers: words of letters, `word!` where a sign has to follow, and signs as one character or a pair, in which `A`
 * stands for any letter, `0` for any digit and `S` for a space; `CR` is a carriage return. The form is tried at the trigger and nowhere else, so
 * what stands before it is a look behind. All repetitions are bounded, and each try takes constant time.
 */
export type Form = readonly [id: string, score: number, on: string, form: RegExp];
