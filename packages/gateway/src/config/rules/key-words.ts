/** Words that people put into keys and placeholders and that the dictionaries of zxcvbn-ts lack or rank too low. The commonest first. */
export const keyWords: readonly string[] = `
the a an and or of to in on for with from by at is it be as this that these those my our your their his her its me you we they i
api apikey key keys secret secrets token tokens password passwd passphrase credential credentials auth authentication authorization bearer
gateway aivillage village server service client proxy backend frontend app web website agent controller knowledge system twin query chat upload
production prod staging stage development developer dev test tests testing live local localhost internal external private public shared
change changed changeme replace replaced rotate rotated insert enter set put use using make made generate generated random real own share
example examples sample dummy fake placeholder todo fixme default demo temp temporary please must should will can do dont not no yes never always
root admin administrator master main user guest owner login session cookie jwt signing signature hmac
company corp acme inc organisation organization team project product customer partner
one two three four five six seven eight nine ten first last next new old long longer very short some any all more most only
before after launch output input value string text number word name here there when where what which who how
secure security safe strong weak openssl rand hex base sha uuid character characters letters digits chars bytes bits minimum least length version
config configuration environment env docker compose kubernetes cluster cloud redis database data deploy deployment release branch
january february march april may june july august september october november december spring summer autumn winter
hello world letmein welcome lorem ipsum dolor sit amet consectetur quick brown fox jumps over lazy dog correct horse battery staple
dead beef cafe babe face feed coffee
`
  .trim()
  .split(/\s+/);
