import data, { type Country } from "world-countries";

/** One sentence that can be found. */
export interface Fact {
  /** What it is about; shown as the title of a source. */
  title: string;
  /** Other names of the same. */
  aliases: string;
  /** The words that people use when they ask for this kind of fact. */
  topic: string;
  text: string;
}

type Sentence = (country: Country, name: string) => string | undefined;

// The package declares an ES module and is a CommonJS one: its default import is the list itself.
const countries = data as unknown as readonly Country[];
const byCode = new Map(countries.map((country) => [country.cca3, country]));
const both = new Intl.ListFormat("en", { type: "conjunction" });
const wholeNumber = new Intl.NumberFormat("en");

/** Names that English puts an article before. */
const withArticle = /^(united|bahamas|gambia|philippines|maldives|comoros|seychelles|vatican)|lands$|republic|territory/i;
const nameOf = ({ name }: Country): string => (withArticle.test(name.common) ? `the ${name.common}` : name.common);
/** A capital letter at the start and one full stop at the end ("Washington D.C." brings its own). */
const toSentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).replace(/\.\.$/, ".");

/** Facts about a country, by the words of the questions that ask for them. */
const sentences: Readonly<Record<string, Sentence>> = {
  "capital city": ({ capital }, name) => counted(capital, "capital", "capitals", name) ?? `There is no capital of ${name}.`,
  "currency currencies money": ({ currencies }, name) =>
    counted(
      Object.entries(currencies).map(([code, currency]) => `the ${currency.name} (${code}, ${currency.symbol})`),
      "currency",
      "currencies",
      name,
    ),
  "language languages speak speaks spoken": ({ languages }, name) => counted(Object.values(languages), "language", "languages", name),
  "border borders bordering neighbour neighbours neighbor neighbors landlocked": ({ borders, landlocked }, name) => {
    const names = borders.flatMap((code) => byCode.get(code) ?? []).map(nameOf);
    if (names.length === 0) return `${name} has no land borders.`;
    return `${name} ${landlocked ? "is landlocked and " : ""}borders ${both.format(names)}.`;
  },
  "region continent where located lies": ({ region, subregion }, name) =>
    `${name} lies in ${subregion === "" ? `the ${region}` : `${subregion}, in the region ${region}`}.`,
  "area size surface big large": ({ area }, name) => (area > 0 ? `${name} has an area of ${wholeNumber.format(area)} km².` : undefined),
  "people inhabitants demonym": ({ demonyms }, name) =>
    demonyms["eng"]?.m ? `The demonym for the people of ${name} is ${demonyms["eng"].m}.` : undefined,
  "internet domain tld": ({ tld }, name) => counted(tld, "internet domain", "internet domains", name),
};

/**
 * The facts of all countries, made from the data set `world-countries` (github.com/mledoze/countries, under the Open Database
 * License 1.0).
 */
export function countryFacts(): Fact[] {
  return countries.flatMap((country) =>
    Object.entries(sentences).flatMap(([topic, sentence]) => {
      const text = sentence(country, nameOf(country));
      return text === undefined ? [] : [{ title: country.name.common, aliases: aliasesOf(country), topic, text: toSentence(text) }];
    }),
  );
}

function counted(values: readonly string[], one: string, many: string, name: string): string | undefined {
  if (values.length === 0) return undefined;
  return values.length === 1 ? `The ${one} of ${name} is ${values[0]}.` : `The ${many} of ${name} are ${both.format(values)}.`;
}

function aliasesOf({ name, altSpellings, cca3, demonyms }: Country): string {
  return [name.official, ...altSpellings, cca3, demonyms["eng"]?.m ?? ""].join(" ");
}
