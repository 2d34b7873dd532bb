import { compositeKey, dynamoEntity, list, number, prefixKey, string, uuid } from "mizzle";
import { shop } from "@shop/schema/tables";
import { prefixes, type Prefix } from "@shop/shared/prefixes";

const line: Prefix = prefixes.line;

export const orders = dynamoEntity(
  shop,
  "Order",
  {
    id: uuid(),
    customerId: uuid(),
    status: string().default("placed"),
    // Milliseconds since 1970.
    placedAt: number().$defaultFn(() => Date.now()),
    totalCents: number().min(0),
    notes: list(),
  },
  (order) => ({
    pk: prefixKey(prefixes.customer, order.customerId),
    sk: prefixKey(prefixes.order, order.id),
    byStatus: { pk: prefixKey(prefixes.status, order.status), sk: order.placedAt },
  }),
);

export const orderLines = dynamoEntity(
  shop,
  "OrderLine",
  { orderId: uuid(), position: number(), productId: uuid(), quantity: number().min(1) },
  (item) => ({
    pk: prefixKey(prefixes.order, item.orderId),
    sk: compositeKey("#", line, item.position),
  }),
);
