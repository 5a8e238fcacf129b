/** Express 4 is installed beside Express 5 under this alias; for what the tests use the types of 5 are the same. */
declare module "express-4" {
  export { default } from "express";
}
