/** Begins the message of every error in options. */
export const packageName = "@aivillage/api-key-auth";
