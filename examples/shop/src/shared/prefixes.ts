/** What the keys in the shop's tables begin with. */
export const prefixes = {
  customer: "CUSTOMER#",
  email: "EMAIL#",
  order: "ORDER#",
  line: "LINE",
  status: "STATUS#",
} as const;

export type Prefix = (typeof prefixes)[keyof typeof prefixes];
