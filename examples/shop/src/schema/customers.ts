import { dynamoEntity, prefixKey, staticKey, string, uuid } from "mizzle";
import { shop } from "@shop/schema/tables";
import { prefixes } from "@shop/shared/prefixes";

export const customers = dynamoEntity(
  shop,
  "Customer",
  { id: uuid(), email: string().email(), name: string() },
  (customer) => ({
    pk: prefixKey(prefixes.customer, customer.id),
    sk: staticKey("PROFILE"),
    byEmail: { pk: prefixKey(prefixes.email, customer.email) },
  }),
);
